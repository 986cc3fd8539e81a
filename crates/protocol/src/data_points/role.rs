//! Roles, in the form in which existing apps read them: `{"role": "Student", "activeStatus": "ActiveStatus.IS_ACTIVE"}`.

use serde_json::{Value, json};

/// What `activeStatus` says of a role that somebody has now.
const ACTIVE: &str = "ActiveStatus.IS_ACTIVE";

/// The role of this name, that somebody has now.
pub(super) fn active_role(name: &str) -> Value {
    json!({"role": name, "activeStatus": ACTIVE})
}

/// Whether a value is a role.
pub(super) fn is_role(value: &Value) -> bool {
    value.get("role").is_some_and(Value::is_string) && value.get("activeStatus").is_some_and(Value::is_string)
}

/// Whether somebody has this role now: it says so, or says nothing.
pub fn is_active_role(role: &Value) -> bool {
    let status = role.get("activeStatus").and_then(Value::as_str);
    status.is_none_or(|status| status == ACTIVE)
}
