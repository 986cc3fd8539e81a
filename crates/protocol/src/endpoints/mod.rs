//! The endpoints beside authorise and token, one file each.
