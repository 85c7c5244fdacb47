use gatewright::core::account::FirstStart;

use crate::output;

/// Shows what the first start made, and how to use it. The token is in no log.
pub(super) fn show(first: &FirstStart, url: &str) -> anyhow::Result<()> {
    let (account, token) = (first.account.id, &first.token);
    output::write(&format!(
        "Gatewright has made what you need to begin. This is shown once:\n\
         \n\
         account        {account}\n\
         administrator  {email}\n\
         token          {token}\n\
         \n\
         Make an inbox of the API channel:\n\
         \n\
         curl -sS {url}/api/v1/accounts/{account}/inboxes -H 'api_access_token: {token}' \
         -H 'Content-Type: application/json' \
         -d '{{\"name\":\"My app\",\"channel\":{{\"type\":\"api\"}}}}'\n\
         \n\
         The API, to read and to try: {url}/docs\n\
         \n",
        email = first.user.email,
    ))
}
