//! What the request before this one did, told once. The word travels in the address; only words of this list are told.

use crate::views::{Notice, NoticeKind};
use omniport_protocol::vocabulary::Params;

/// The parameter.
const PARAMETER: &str = "saved";

/// What can have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flash {
    /// An app was registered.
    Registered,
    /// An edit is in effect.
    Saved,
    /// An edit of an approved app waits for a maintainer.
    InReview,
    /// An edit changed nothing.
    Same,
    /// Somebody was invited to a team.
    Invited,
    /// An invitation or an offer was taken back.
    Uninvited,
    /// An app was offered to another of its team.
    Offered,
    /// The person accepted what they were invited to.
    Joined,
    /// The person declined it.
    Declined,
    /// A secret was revoked.
    Revoked,
    /// A session of the person was ended.
    SessionEnded,
    /// All their other sessions were.
    OthersEnded,
    /// The person's password was changed.
    PasswordChanged,
    /// Somebody was taken off a team.
    Removed,
    /// The person left a team.
    Left,
    /// A new secret was made.
    Rotated,
    /// An app was registered as a draft.
    Drafted,
    /// An app was sent to review.
    Submitted,
    /// An app was taken back from review.
    TakenBack,
    /// A change of an approved app was put away.
    ChangeTakenBack,
    /// A comment or note was written.
    Commented,
    /// A review was claimed.
    Claimed,
    /// A claimed review was given back.
    Released,
    /// A test person was made, or has a new password.
    TestPerson,
    /// A test person was put away.
    TestPersonGone,
    /// An app was deleted.
    Deleted,
    /// An app's access was withdrawn.
    Withdrawn,
    /// An API was registered.
    ApiAdded,
    /// An API is no more.
    ApiRemoved,
    /// An API's owner let an app use scopes.
    ScopesApproved,
    /// They did not.
    ScopesRefused,
    /// The person said yes to an app that asked them on their own page.
    Allowed,
    /// They said no.
    Denied,
    /// A maintainer approved an app.
    Approved,
    /// A maintainer asked for changes.
    ChangesRequested,
    /// A maintainer rejected an app or a change.
    Rejected,
    /// A maintainer suspended an app.
    Suspended,
    /// A maintainer let an app go on.
    Resumed,
}

/// Each with its word and its sentence.
const TABLE: [(Flash, &str, &str); 38] = [
    (
        Flash::Registered,
        "registered",
        "The app was registered. Copy its secret below if it has one: it is shown only now.",
    ),
    (Flash::Saved, "saved", "Saved."),
    (
        Flash::InReview,
        "review",
        "Saved and sent to review. What was approved goes on working meanwhile.",
    ),
    (Flash::Same, "same", "Nothing was changed: it is as it was."),
    (
        Flash::Invited,
        "invited",
        "They are invited, and see it on their home page. They join the team once they accept.",
    ),
    (Flash::Uninvited, "uninvited", "Taken back."),
    (
        Flash::Offered,
        "offered",
        "The app is offered to them. It is yours until they accept.",
    ),
    (Flash::Joined, "joined", "Accepted. The team was told."),
    (Flash::Declined, "declined", "Declined."),
    (
        Flash::Revoked,
        "revoked",
        "The secret was revoked. Nothing accepts it any more; tokens that were issued stay valid.",
    ),
    (
        Flash::SessionEnded,
        "session-ended",
        "That browser is signed out.",
    ),
    (
        Flash::OthersEnded,
        "others-ended",
        "Every other browser is signed out. This one stays.",
    ),
    (
        Flash::PasswordChanged,
        "password",
        "Your password is changed. Every other browser is signed out.",
    ),
    (
        Flash::Removed,
        "removed",
        "Removed from the team. They are told on their home page.",
    ),
    (Flash::Left, "left", "You left the team."),
    (
        Flash::Rotated,
        "rotated",
        "A new secret was made. Copy it below: it is shown only now.",
    ),
    (
        Flash::Drafted,
        "draft",
        "The app was registered as a draft. It works for you and your team now. Copy its secret below if it has one: it is \
         shown only now.",
    ),
    (Flash::Submitted, "submitted", "Sent to review."),
    (
        Flash::TakenBack,
        "taken-back",
        "Taken back. It is a draft again, and goes on working for your team.",
    ),
    (
        Flash::ChangeTakenBack,
        "change-taken-back",
        "Taken back. What was approved stays as it is.",
    ),
    (Flash::Commented, "commented", "Written down."),
    (
        Flash::Claimed,
        "claimed",
        "The review is yours. The other maintainers see that.",
    ),
    (Flash::Released, "released", "Given back to the queue."),
    (
        Flash::TestPerson,
        "test-person",
        "The test person is ready. Copy the password below: it is shown only now.",
    ),
    (
        Flash::TestPersonGone,
        "test-person-gone",
        "The test person was put away, and can sign in no more.",
    ),
    (
        Flash::ChangesRequested,
        "changes-requested",
        "Sent back to the team with your comment.",
    ),
    (Flash::Deleted, "deleted", "The app was deleted."),
    (
        Flash::Withdrawn,
        "withdrawn",
        "Withdrawn. The app has no access any more.",
    ),
    (
        Flash::Allowed,
        "allowed",
        "Allowed. The app goes on in a few seconds.",
    ),
    (
        Flash::Denied,
        "denied",
        "Denied. The app hears of it, and got nothing.",
    ),
    (
        Flash::ApiAdded,
        "api",
        "The API is registered. Apps can ask for its scopes now.",
    ),
    (
        Flash::ApiRemoved,
        "api-removed",
        "The API is removed. Tokens for it are worth nothing any more.",
    ),
    (
        Flash::ScopesApproved,
        "scopes-approved",
        "Approved. The app's team is told.",
    ),
    (
        Flash::ScopesRefused,
        "scopes-refused",
        "Refused. The app's team is told, and what it held for these is worth nothing any more.",
    ),
    (Flash::Approved, "approved", "Approved. The team was told."),
    (
        Flash::Rejected,
        "rejected",
        "Rejected. The team sees your comment.",
    ),
    (
        Flash::Suspended,
        "suspended",
        "Suspended. The app works for nobody now.",
    ),
    (Flash::Resumed, "resumed", "The suspension has ended."),
];

impl Flash {
    /// `path` with this to be told there.
    pub(crate) fn at(self, path: &str) -> String {
        let word = TABLE
            .iter()
            .find(|(flash, ..)| *flash == self)
            .map_or("saved", |(_, word, _)| word);
        format!("{path}?{PARAMETER}={word}")
    }

    /// What an address says was done.
    pub(crate) fn told(query: &Params) -> Option<Notice> {
        let word = query.get(PARAMETER)?;
        let (_, _, sentence) = TABLE.iter().find(|(_, known, _)| *known == word)?;
        Some(Notice {
            kind: NoticeKind::Done,
            text: (*sentence).to_owned(),
        })
    }
}

/// Something that was not done.
pub(crate) fn problem(text: impl Into<String>) -> Notice {
    Notice {
        kind: NoticeKind::Problem,
        text: text.into(),
    }
}

/// A reason as a sentence: with a capital and a full stop.
pub(crate) fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    let end = if reason.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_words_are_told() {
        for (flash, word, sentence) in TABLE {
            assert_eq!(flash.at("/x"), format!("/x?saved={word}"));
            let query = Params::from_pairs([(PARAMETER, word)]);
            assert_eq!(Flash::told(&query).unwrap().text, sentence);
        }
        for strange in ["", "<b>", "Send your password to evil.example"] {
            assert!(Flash::told(&Params::from_pairs([(PARAMETER, strange)])).is_none());
        }
    }

    #[test]
    fn reasons_become_sentences() {
        assert_eq!(sentence("nobody here"), "Nobody here.");
        assert_eq!(sentence("Choose a picture first."), "Choose a picture first.");
        assert_eq!(sentence(""), ".");
    }
}
