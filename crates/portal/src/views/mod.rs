//! The pages, as data.
//!
//! One file a page: a plain struct that holds exactly what the page says, and `#[derive(Template)]`, so that
//! `page.render()` gives the HTML. Nothing here knows a request, a database or a type of the protocol: a
//! handler turns what it decided into these words, and a page can be rendered and looked at without a server
//! (`cargo run -p omniport-portal --example gallery -- DIR`).
//!
//! Every text is escaped by askama. The two exceptions are our own icons and [`Terms::html`], which the
//! Markdown renderer has cleaned. No template has an inline style or script, so the strict
//! `Content-Security-Policy` of the portal needs no nonce.

mod account;
mod app_form;
mod app_head;
mod audit;
mod consent;
mod data_points;
mod developer_add;
mod developer_apis;
mod developer_app;
mod developer_code;
mod developer_history;
mod developer_list;
mod developer_protocol;
mod developer_requests;
mod developer_usage;
mod device;
mod error;
mod form_post;
mod frame;
mod home;
mod icons;
mod legal;
mod login;
mod logout;
mod maintainer;
mod parts;
mod programs;
mod proof;
mod snippets;
mod status;
mod version;

pub use account::{Account, PasswordForm, SessionRow};
pub use app_form::{
    ClientType, DataPointsField, DescriptionField, PublisherFields, RedirectUrisField, RedirectWords,
};
pub use app_head::{AppHead, AppPage};
pub use audit::{Audit, AuditRow};
pub use consent::{ConsentGroup, ConsentPage, ConsentPoint, Elsewhere, PointValue};
pub use data_points::{
    Check, Choice, ChoiceGroup, Difference, DifferenceKind, DifferenceRow, Sensitivity, StatedGroup,
};
pub use developer_add::DeveloperAdd;
pub use developer_apis::{
    ApiAskingApp, ApiFields, ApiInDirectory, ApiRow, AppChoice, AskedName, AskedOfApi, DeveloperApi,
    DeveloperApiAdd, DeveloperApis,
};
pub use developer_app::{
    AskedByApp, DeveloperApp, InvitedPerson, SecretRow, TeamMember, TestPeople, TestPerson,
};
pub use developer_code::DeveloperCode;
pub use developer_history::DeveloperHistory;
pub use developer_list::{AppRow, DeveloperList};
pub use developer_protocol::{DeveloperProtocol, GrantChoice, SettingField, SettingInput, SettingsGroup};
pub use developer_requests::{DeveloperRequests, RequestRow};
pub use developer_usage::{Bar, DeveloperUsage, Series, UsageDay};
pub use device::{Device, DeviceDone};
pub use error::ErrorPage;
pub use form_post::FormPost;
pub use frame::{Chrome, Institution, Notice, NoticeKind, Viewer};
pub use home::{AskedApp, ConnectedApp, GivenGroup, Home, HomeSignedOut, PendingInvitation, TeamNews};
pub use legal::Terms;
pub use login::{Login, ReturnTo};
pub use logout::{Logout, LogoutDone, LogoutFrames};
pub use maintainer::{
    MaintainerApp, MaintainerHistory, MarkChoice, Queue, QueueFilter, QueueRow, Review, ReviewActions,
    ReviewClaim, ReviewKind, SignOuts,
};
pub use parts::{Field, Link, Mark, Person, When, counted, number};
pub use programs::Language;
pub use proof::Proof;
pub use snippets::{Flow, Snippets, Step};
pub use status::{AppStatus, Change, HistoryEntry, HistoryKind, VersionLink};
pub use version::{DeveloperVersion, MaintainerVersion, ShownVersion};

#[cfg(test)]
mod tests;
