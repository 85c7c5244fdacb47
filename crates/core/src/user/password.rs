use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

use crate::error::{Error, Result};
use crate::kernel::Kernel;
use crate::validate::Violations;

/// A password has 6 to 128 characters (contract, section 6).
pub(super) fn check(violations: &mut Violations, password: &str) {
    if password.chars().count() < 6 {
        violations.add("password", "is too short (minimum is 6 characters)");
    }
    violations.max_chars("password", password, 128);
}

/// The password's Argon2id hash as a PHC string. Takes tens of milliseconds on a thread of its own.
///
/// # Errors
/// [`Error::Internal`].
pub(super) async fn hash(kernel: &Kernel, password: &str) -> Result<String> {
    let mut salt = [0; 16];
    kernel.random.fill(&mut salt);
    let password = password.as_bytes().to_vec();
    let hashed = tokio::task::spawn_blocking(move || {
        let hashed = Argon2::default().hash_password_with_salt(&password, &salt);
        hashed.map(|hash| hash.to_string())
    });
    let hashed = hashed.await.map_err(Error::internal)?;
    hashed.map_err(|error| Error::internal(error.to_string()))
}

/// Whether the password is the one that was hashed. Takes as long as [`hash`].
///
/// # Errors
/// [`Error::Internal`].
pub(super) async fn verify(hash: String, password: &str) -> Result<bool> {
    let password = password.as_bytes().to_vec();
    let verified = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .verify_password(&password, hash.as_str())
            .is_ok()
    });
    verified.await.map_err(Error::internal)
}
