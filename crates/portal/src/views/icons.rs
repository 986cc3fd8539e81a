//! The icons that a view chooses by its state. Those that a template always shows are included there.

pub(super) const CHECK: &str = include_str!("../../templates/icons/check.svg");
pub(super) const CLOCK: &str = include_str!("../../templates/icons/clock.svg");
pub(super) const CROSS: &str = include_str!("../../templates/icons/cross.svg");
pub(super) const DOT: &str = include_str!("../../templates/icons/dot.svg");
pub(super) const EDIT: &str = include_str!("../../templates/icons/edit.svg");
pub(super) const INFO: &str = include_str!("../../templates/icons/info.svg");
pub(super) const MINUS: &str = include_str!("../../templates/icons/minus.svg");
pub(super) const PAUSE: &str = include_str!("../../templates/icons/pause.svg");
pub(super) const PLAY: &str = include_str!("../../templates/icons/play.svg");
pub(super) const PLUS: &str = include_str!("../../templates/icons/plus.svg");
pub(super) const WARNING: &str = include_str!("../../templates/icons/warning.svg");
