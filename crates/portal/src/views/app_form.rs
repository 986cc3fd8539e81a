//! The fields that registering an app and editing one share, so that both ask in the same words.

use super::{ChoiceGroup, Field};

/// Whether the app can keep a secret: the radio `client_type`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientType {
    /// Runs on a server. The default.
    #[default]
    Confidential,
    /// Runs in a browser or on a device.
    Public,
}

impl ClientType {
    /// Whether it is [`ClientType::Confidential`].
    pub fn is_confidential(self) -> bool {
        self == Self::Confidential
    }

    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Confidential => "Confidential",
            Self::Public => "Public",
        }
    }
}

/// The field `redirect_uris` and the words in which the server refuses one, which the browser's check repeats.
#[derive(Debug, Clone)]
pub struct RedirectUrisField {
    /// What was typed, one a line, and what the server said of it.
    pub field: Field,
    /// The server's words.
    pub words: RedirectWords,
    /// At most so many.
    pub max_count: usize,
    /// Each at most so many characters.
    pub max_length: usize,
}

/// Why a redirect URL is refused: what follows the URL in the server's sentence, without the full stop, so that
/// the browser's check says `URL WORDS.` just as the server does.
#[derive(Debug, Clone)]
pub struct RedirectWords {
    /// It is not an absolute URI.
    pub not_absolute: String,
    /// It has a fragment.
    pub fragment: String,
    /// It has a `*`.
    pub wildcard: String,
    /// It has a user name or password.
    pub credentials: String,
    /// Its scheme is not allowed: `javascript:` and the like, or a private-use one without a dot.
    pub scheme: String,
    /// Plain `http` to a host that is not loopback.
    pub http: String,
    /// It has a space, a backslash or a character outside ASCII.
    pub characters: String,
    /// It has a segment `.` or `..`.
    pub dot_segment: String,
    /// It is too long.
    pub too_long: String,
    /// There are too many: a whole sentence, for no single URL is at fault. `{count}` stands for how many.
    pub too_many: String,
}

/// The field `description`, with its word counter.
#[derive(Debug, Clone)]
pub struct DescriptionField {
    /// What was typed.
    pub field: Field,
    /// How many words the server counts in it.
    pub words: usize,
    /// The fewest allowed.
    pub min_words: usize,
    /// The most allowed.
    pub max_words: usize,
}

impl DescriptionField {
    /// The word that the stylesheet selects by: `short`, `good` or `long`.
    pub fn state(&self) -> &'static str {
        if self.words < self.min_words {
            "short"
        } else if self.words > self.max_words {
            "long"
        } else {
            "good"
        }
    }

    /// What is left to do, in words; the browser's counter says the same.
    pub fn verdict(&self) -> String {
        match self.state() {
            "short" => format!("{} more to go", self.min_words - self.words),
            "long" => format!("{} too many", self.words - self.max_words),
            _ => "long enough".to_owned(),
        }
    }
}

/// Whom to ask about an app, and where to read more.
#[derive(Debug, Clone, Default)]
pub struct PublisherFields {
    /// Field `contact`: an e-mail address.
    pub contact: Field,
    /// Field `home_url`.
    pub home: Field,
    /// Field `privacy_url`.
    pub privacy: Field,
    /// Field `terms_url`.
    pub terms: Field,
}

/// The field `data_points`: every data point there is, by category, with those chosen marked.
#[derive(Debug, Clone)]
pub struct DataPointsField {
    /// The categories.
    pub groups: Vec<ChoiceGroup>,
    /// What is wrong with the choice.
    pub error: Option<String>,
}
