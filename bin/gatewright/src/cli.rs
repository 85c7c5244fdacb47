//! Commands and their options.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use gatewright::core::Timestamp;

/// A channel gateway that speaks Chatwoot's wire contract.
#[derive(Debug, Parser)]
#[command(name = "gatewright", version, about)]
pub(crate) struct Cli {
    /// Configuration file [default: the variable `GATEWRIGHT_CONFIG`, else ./gatewright.toml if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the gateway (the default command)
    Serve(Serve),
    /// Bring the database up to date
    Migrate {
        /// Only show what would run; exit with 1 if anything would
        #[arg(long)]
        check: bool,
    },
    /// Copy the database and the files of messages into a new folder; the gateway may run meanwhile
    Backup {
        /// The folder, which must not be there yet
        folder: PathBuf,
    },
    /// Make a database and its files out of a backup, where there are none
    Restore {
        /// The folder of the backup
        folder: PathBuf,
    },
    /// Write the OpenAPI document
    Openapi(Openapi),
    /// Make and list accounts
    #[command(subcommand)]
    Account(Account),
    /// Make and list users, and set their passwords
    #[command(subcommand)]
    User(User),
    /// Make, list and replace access tokens
    #[command(subcommand)]
    Token(Token),
    /// See what went out, and send it again
    #[command(subcommand)]
    Deliveries(Deliveries),
    /// For receivers of webhooks
    #[command(subcommand)]
    Webhook(Webhook),
    /// Check or show the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

impl Default for Command {
    fn default() -> Self {
        Self::Serve(Serve::default())
    }
}

#[derive(Debug, Default, Args)]
pub(crate) struct Serve {
    /// For a developer's machine: let callbacks go to loopback and private addresses
    #[arg(long)]
    pub(crate) dev: bool,
    /// Address and port to listen on, instead of server.bind
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) bind: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct Openapi {
    /// Compare with the file instead of writing; exit with 1 if they differ
    #[arg(long)]
    pub(crate) check: bool,
    /// The file [default: standard output; with --check openapi/gatewright.json]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Make an account
    Create {
        /// Its name
        name: String,
        /// Language of its system texts
        #[arg(long, default_value = "en")]
        locale: String,
    },
    /// List all accounts
    List(Listing),
    /// Refuse an account at every door
    Suspend {
        /// The account's id
        id: i64,
    },
    /// Let a suspended account in again
    Activate {
        /// The account's id
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Listing {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make a user with a token, or add an existing one to an account
    Create(UserCreate),
    /// List the users of an account
    List {
        /// The account's id
        #[arg(long, value_name = "ID")]
        account: i64,
        #[command(flatten)]
        list: Listing,
    },
    /// Set a user's password, read from standard input
    Reset {
        /// The user's id
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct UserCreate {
    /// The account's id
    #[arg(long, value_name = "ID")]
    pub(crate) account: i64,
    /// The user's address
    #[arg(long)]
    pub(crate) email: String,
    /// The user's name
    #[arg(long)]
    pub(crate) name: String,
    /// What the user may do in the account
    #[arg(long, value_enum, default_value = "agent")]
    pub(crate) role: RoleName,
    /// Read a password from standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RoleName {
    Agent,
    Administrator,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Show a user's token; it is made when there is none
    Create(TokenOf),
    /// List who has a token
    List(Listing),
    /// Replace a user's token; the old one is refused from then on
    Reset(TokenOf),
}

#[derive(Debug, Args)]
pub(crate) struct TokenOf {
    /// The user's id
    #[arg(long, value_name = "ID")]
    pub(crate) user: i64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Deliveries {
    /// List deliveries, the newest first
    List(DeliveriesList),
    /// Send a delivery again that has ended, or a range of them
    Replay(DeliveriesReplay),
    /// Make dead letters of everything that is queued for a receiver
    Purge {
        /// The receiver's id
        #[arg(long, value_name = "ID")]
        receiver: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DeliveriesReplay {
    /// The delivery's id; without it, a range that begins somewhere
    #[arg(required_unless_present_any = ["since", "receiver", "from"])]
    pub(crate) id: Option<i64>,
    #[command(flatten)]
    pub(crate) range: DeliveriesRange,
}

#[derive(Debug, Args)]
pub(crate) struct DeliveriesRange {
    /// Only of this account
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    pub(crate) account: Option<i64>,
    /// Only to this receiver
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    pub(crate) receiver: Option<i64>,
    /// How they ended
    #[arg(long, value_parser = ["dead", "delivered"], default_value = "dead")]
    pub(crate) state: String,
    /// Ids from this one
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    pub(crate) from: Option<i64>,
    /// Ids up to this one
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    pub(crate) to: Option<i64>,
    /// Made at or after: Unix seconds or ISO 8601
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "id")]
    pub(crate) since: Option<Timestamp>,
    /// Made before: Unix seconds or ISO 8601
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "id")]
    pub(crate) until: Option<Timestamp>,
}

fn time(text: &str) -> Result<Timestamp, String> {
    let seconds = text.parse().ok().map(Timestamp::from_unix);
    seconds
        .or_else(|| Timestamp::parse_iso(text))
        .ok_or_else(|| "neither Unix seconds nor a time such as 2026-01-20T09:15:00Z".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct DeliveriesList {
    /// The account's id
    #[arg(long, value_name = "ID")]
    pub(crate) account: i64,
    /// Only those that have come so far
    #[arg(long, value_parser = ["queued", "leased", "delivered", "dead"])]
    pub(crate) state: Option<String>,
    /// Only those older than this one
    #[arg(long, value_name = "ID")]
    pub(crate) before: Option<i64>,
    /// How many
    #[arg(long, default_value = "25", value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(crate) limit: u64,
    #[command(flatten)]
    pub(crate) list: Listing,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Webhook {
    /// Verify the signature of a received request
    Verify(WebhookVerify),
}

#[derive(Debug, Args)]
pub(crate) struct WebhookVerify {
    /// The receiver's secret, `whsec_...`
    #[arg(long, env = "GATEWRIGHT_WEBHOOK_SECRET", hide_env_values = true)]
    pub(crate) secret: String,
    /// A header of the request, `name: value`; repeat it for each
    #[arg(long = "header", value_name = "HEADER", required = true)]
    pub(crate) headers: Vec<String>,
    /// File with the body as it came, `-` for standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) body_file: PathBuf,
    /// How far the timestamp may be from now, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "300")]
    pub(crate) tolerance: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check file and environment
    Check,
    /// Show what is in force, as TOML, without secrets
    Print,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
