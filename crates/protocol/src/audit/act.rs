//! What can be done that the log tells of.

macro_rules! acts {
    ($($(#[$about:meta])* $name:ident = $wire:literal, $words:literal;)+) => {
        /// An administrative act. Its name on the wire never changes, and is never used for another.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Act {
            $($(#[$about])* $name,)+
        }

        impl Act {
            /// Every act.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name in the log.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $wire,)+
                }
            }

            /// What was done, for people: what stands between who did it and what it was done to.
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)+
                }
            }
        }
    };
}

acts! {
    /// An app was registered.
    AppRegister = "app.register", "registered";
    /// It, or a change of it, was sent to review.
    AppSubmit = "app.submit", "asked for a review of";
    /// It was taken back from its first review.
    AppTakeBack = "app.take_back", "took back from review";
    /// Its manifest was changed, or a change of it proposed or withdrawn.
    AppManifestEdit = "app.manifest.edit", "changed the manifest of";
    /// A maintainer approved it, or a change of it.
    AppApprove = "app.approve", "approved";
    /// A maintainer asked for changes.
    AppRequestChanges = "app.request_changes", "asked for changes of";
    /// A maintainer rejected it, or a change of it.
    AppReject = "app.reject", "rejected";
    /// A maintainer stopped it.
    AppSuspend = "app.suspend", "suspended";
    /// A maintainer let it go on.
    AppResume = "app.resume", "resumed";
    /// A maintainer claimed its review.
    AppClaim = "app.claim", "claimed the review of";
    /// A maintainer gave its review back.
    AppRelease = "app.release", "gave back the review of";
    /// A comment was written that its team and the maintainers read.
    AppComment = "app.comment", "commented on";
    /// A note was written that only maintainers read.
    AppNote = "app.note", "left a note on";
    /// A maintainer let it do something unsafe, or stopped that.
    AppMark = "app.mark", "changed the legacy marks of";
    /// A client secret was made, and the earlier one given an end.
    AppSecretRotate = "app.secret.rotate", "rotated the secret of";
    /// A client secret was ended at once.
    AppSecretRevoke = "app.secret.revoke", "revoked a secret of";
    /// It was deleted.
    AppDelete = "app.delete", "deleted";
    /// Somebody was invited to its team.
    TeamInvite = "team.invite", "invited somebody to the team of";
    /// An invitation, or the offer to own the app, was taken back.
    TeamUninvite = "team.uninvite", "took back an invitation to the team of";
    /// Somebody joined its team.
    TeamJoin = "team.join", "joined the team of";
    /// Somebody declined what they were invited to.
    TeamDecline = "team.decline", "declined an invitation of";
    /// The app was offered to one of its team.
    TeamOffer = "team.offer", "offered somebody of its team to own";
    /// Somebody became its owner.
    TeamOwn = "team.own", "became the owner of";
    /// Somebody left, or was removed.
    TeamRemove = "team.remove", "removed somebody from the team of";
    /// A test person was made for it.
    TestPersonAdd = "test_person.add", "made a test person for";
    /// A test person got a new password and new values.
    TestPersonRenew = "test_person.renew", "renewed a test person of";
    /// A test person was put away.
    TestPersonRemove = "test_person.remove", "put away a test person of";
    /// A person was added.
    PersonAdd = "person.add", "added";
    /// A person's roles or values were changed.
    PersonSet = "person.set", "changed the roles or data of";
    /// A person's password was set.
    PersonPassword = "person.password", "set the password of";
    /// A person was disabled.
    PersonDisable = "person.disable", "disabled";
    /// A person was let in again.
    PersonEnable = "person.enable", "enabled";
    /// A session was ended by its person from elsewhere.
    SessionEnd = "session.end", "ended a session of";
    /// All of a person's other sessions were ended by them.
    SessionEndOthers = "session.end_others", "ended all other sessions of";
    /// Signing keys were made because they were due.
    KeysMake = "keys.make", "made signing keys that were due";
    /// Signing keys were made because an operator said so.
    KeysRotate = "keys.rotate", "rotated the signing keys";
    /// All signing keys were replaced, so that what they signed is void.
    KeysReplace = "keys.replace", "replaced all signing keys";
    /// An API was registered.
    ApiAdd = "api.add", "registered the API";
    /// An API was changed.
    ApiEdit = "api.edit", "changed the API";
    /// An API was taken away.
    ApiRemove = "api.remove", "removed the API";
    /// An app was let use scopes of an API.
    ApiScopeApprove = "api.scope.approve", "let an app use the API";
    /// An app was not let use scopes of an API (any more).
    ApiScopeRefuse = "api.scope.refuse", "refused an app the use of the API";
    /// A token was made by which apps register themselves.
    RegistrationTokenAdd = "registration_token.add", "made the registration token";
    /// Such a token was taken away.
    RegistrationTokenRevoke = "registration_token.revoke", "revoked the registration token";
    /// A backup was put back into service: everything issued before is dead.
    InstanceRestore = "instance.restore", "put a backup back into service";
    /// The oldest events were cut, and their last hash kept: a checkpoint.
    AuditPrune = "audit.prune", "cut the oldest events of this log";
}

impl Act {
    /// The act of this name; none of a name that only another omniport knows.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|act| act.as_str() == name)
    }
}

/// What an act can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// An app, by its client identifier.
    App,
    /// A person, by their number.
    Person,
    /// An API, by its own name here.
    Api,
    /// A token for registering apps, by the name that its maker gave it.
    RegistrationToken,
    /// The signing keys.
    Keys,
    /// The instance itself.
    Instance,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::App,
        Self::Person,
        Self::Api,
        Self::RegistrationToken,
        Self::Keys,
        Self::Instance,
    ];

    /// Its name in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Person => "person",
            Self::Api => "api",
            Self::RegistrationToken => "registration_token",
            Self::Keys => "keys",
            Self::Instance => "instance",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_name_is_one_acts_and_comes_back() {
        for act in Act::ALL {
            assert_eq!(Act::parse(act.as_str()), Some(*act));
            let fits = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_');
            assert!(act.as_str().bytes().all(fits), "{act:?}");
        }
        let names: BTreeSet<&str> = Act::ALL.iter().map(|act| act.as_str()).collect();
        assert_eq!(names.len(), Act::ALL.len());
        assert_eq!(Act::parse("app.melt"), None);
    }
}
