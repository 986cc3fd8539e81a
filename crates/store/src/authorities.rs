//! Whom this machine trusts.

use std::path::Path;

/// Where distributions keep the authorities that a machine trusts.
const SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The file with the certificates, in PEM, of the authorities that this machine trusts; none where it has no such list.
pub fn system_authorities() -> Option<&'static Path> {
    SYSTEM.iter().map(Path::new).find(|path| path.is_file())
}
