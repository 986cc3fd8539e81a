//! The sample people: one of every kind, with a value for every data point that concerns them.

use omniport_engine::people::{PersonDraft, PlatformRole};
use omniport_engine::{DiceError, SystemDice, mint};
use omniport_protocol::vocabulary::Secret;

/// What somebody is at the institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Studies there.
    Student,
    /// Teaches there.
    FacultyMember,
    /// Works there.
    Staff,
}

impl Kind {
    /// The word in the demo's JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::FacultyMember => "faculty_member",
            Self::Staff => "staff",
        }
    }

    /// The words for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::FacultyMember => "faculty member",
            Self::Staff => "staff",
        }
    }
}

/// Somebody to sign in as.
#[derive(Debug, Clone)]
pub struct SamplePerson {
    /// Their sign-in name.
    pub username: &'static str,
    /// Their full name.
    pub name: &'static str,
    /// What they are.
    pub kind: Kind,
    /// What they may do here beside signing in.
    pub role: Option<PlatformRole>,
    /// Their password, drawn for this run.
    pub password: Secret,
    /// Their values.
    pub values: Vec<(&'static str, &'static str)>,
}

impl SamplePerson {
    /// Their roles as the commands write them.
    pub fn roles(&self) -> Vec<&'static str> {
        let word = |role| match role {
            PlatformRole::Maintainer => "maintainer",
            PlatformRole::Developer => "developer",
        };
        self.role.map(word).into_iter().collect()
    }

    /// Them, to be added.
    pub fn draft(&self) -> PersonDraft {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let picture = (
            "person.display_picture".to_owned(),
            super::pictures::path(self.username),
        );
        PersonDraft {
            username: self.username.to_owned(),
            password: Some(self.password.clone()),
            roles: self.role.into_iter().collect(),
            values: self
                .values
                .iter()
                .map(own)
                .chain([picture])
                .chain(self.openid_profile())
                .collect(),
        }
    }

    /// What OpenID Connect knows of them beside the rest, made from that.
    fn openid_profile(&self) -> impl Iterator<Item = (String, String)> {
        let name = self.value("person.full_name").unwrap_or_default();
        let (given, family) = name.rsplit_once(' ').unwrap_or((name, name));
        let residence = self
            .value("residential_information.residence.name")
            .unwrap_or_default();
        let formatted = format!("{name}, {residence}, Roorkee 247667, India");
        let page = format!("https://people.institute.example/{}", self.username);
        [
            ("given_name", given),
            ("middle_name", self.value("person.short_name").unwrap_or(given)),
            ("family_name", family),
            ("profile_page", &page),
            ("website", &page),
            ("zoneinfo", "Asia/Kolkata"),
            ("locale", "en-IN"),
            ("updated_at", "1790000000"),
            ("phone_number_verified", "true"),
            ("address_formatted", &formatted),
            ("address_street", residence),
            ("address_locality", "Roorkee"),
            ("address_region", "Uttarakhand"),
            ("address_postal_code", "247667"),
            ("address_country", "India"),
        ]
        .map(|(name, value)| (format!("openid_profile.{name}"), value.to_owned()))
        .into_iter()
    }

    /// Their value for a data point, as it was given.
    pub fn value(&self, name: &str) -> Option<&'static str> {
        self.values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }
}

/// All of them, each with a new password.
///
/// # Errors
/// [`DiceError`] where there is no randomness.
pub(super) fn draw() -> Result<Vec<SamplePerson>, DiceError> {
    use Kind::{FacultyMember, Staff, Student};
    let person = |username, name, kind, role, values: &[&[(&'static str, &'static str)]]| {
        Ok(SamplePerson {
            username,
            name,
            kind,
            role,
            password: password()?,
            values: values.concat(),
        })
    };
    Ok(vec![
        person("asha", "Asha Rao", Student, None, &[ASHA])?,
        person("kabir", "Kabir Singh Gill", Student, None, &[KABIR])?,
        person("meera", "Meera Lakshmi Narayanan", Student, None, &[MEERA])?,
        person("ravi", "Ravi Shankar Iyer", FacultyMember, None, &[RAVI])?,
        person("nandini", "Nandini Bose", FacultyMember, None, &[NANDINI])?,
        person("dev", "Dev Patel", Student, Some(PlatformRole::Developer), &[DEV])?,
        person(
            "sunita",
            "Sunita Deshmukh",
            Staff,
            Some(PlatformRole::Maintainer),
            &[SUNITA],
        )?,
    ])
}

/// Letters and digits that nobody mistakes for one another.
const READABLE: &str = "abcdefghjkmnpqrstuvwxyz23456789";

/// Four groups of four, such as `k7mq-4xwt-p9ra-2vhe`: 79 bits, and easy to type.
fn password() -> Result<Secret, DiceError> {
    let mut letters = String::new();
    while letters.len() < 16 {
        // The characters that are left are still equally likely.
        let drawn = mint::secret(&SystemDice, 64)?;
        letters.extend(drawn.expose().chars().filter(|c| READABLE.contains(*c)));
    }
    let groups: Vec<String> = letters
        .chars()
        .take(16)
        .collect::<Vec<_>>()
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    Ok(Secret::new(groups.join("-")))
}

const ASHA: &[(&str, &str)] = &[
    ("person.short_name", "Asha"),
    ("person.full_name", "Asha Rao"),
    ("person.roles", "Student"),
    ("person.custom_roles", "Class representative"),
    ("student.start_date", "2024-07-22"),
    ("student.end_date", "2028-05-31"),
    ("student.enrolment_number", "24114021"),
    ("student.branch.name", "Computer Science and Engineering"),
    ("student.branch.degree.name", "Bachelor of Technology"),
    (
        "student.branch.department.name",
        "Department of Computer Science and Engineering",
    ),
    ("student.current_year", "3"),
    ("student.current_semester", "5"),
    ("biological_information.date_of_birth", "2006-02-14"),
    ("biological_information.blood_group", "O+"),
    ("biological_information.sex", "Female"),
    ("biological_information.gender", "Woman"),
    ("contact_information.email_address", "asha.rao@example.org"),
    ("contact_information.email_address_verified", "true"),
    (
        "contact_information.institute_webmail_address",
        "asha_r@cs.institute.example",
    ),
    ("contact_information.primary_phone_number", "+91 98970 55512"),
    ("contact_information.secondary_phone_number", "+91 80 5550 1234"),
    ("residential_information.residence.name", "Sarojini Bhawan"),
    ("residential_information.room_number", "B-214"),
    (
        "social_information.links",
        "https://asha.example.org, https://code.example.org/asha",
    ),
];

const KABIR: &[(&str, &str)] = &[
    ("person.short_name", "Kabir"),
    ("person.full_name", "Kabir Singh Gill"),
    ("person.roles", "Student, Hostel secretary"),
    ("person.custom_roles", "Rowing captain"),
    ("student.start_date", "2025-07-21"),
    ("student.end_date", "2027-05-31"),
    ("student.enrolment_number", "25540009"),
    ("student.branch.name", "Structural Engineering"),
    ("student.branch.degree.name", "Master of Technology"),
    (
        "student.branch.department.name",
        "Department of Civil Engineering",
    ),
    ("student.current_year", "2"),
    ("student.current_semester", "3"),
    ("biological_information.date_of_birth", "2002-11-03"),
    ("biological_information.blood_group", "B+"),
    ("biological_information.sex", "Male"),
    ("biological_information.gender", "Man"),
    ("contact_information.email_address", "kabir.gill@example.org"),
    ("contact_information.email_address_verified", "true"),
    (
        "contact_information.institute_webmail_address",
        "kabir_sg@ce.institute.example",
    ),
    ("contact_information.primary_phone_number", "+91 98140 55577"),
    ("contact_information.secondary_phone_number", "+91 172 555 0188"),
    ("residential_information.residence.name", "Azad Bhawan"),
    ("residential_information.room_number", "C-17"),
    ("social_information.links", "https://kabir-rows.example.org"),
];

const MEERA: &[(&str, &str)] = &[
    ("person.short_name", "Meera"),
    ("person.full_name", "Meera Lakshmi Narayanan"),
    ("person.roles", "Student, Teaching assistant"),
    ("person.custom_roles", "Astronomy section head"),
    ("student.start_date", "2022-07-18"),
    ("student.end_date", "2027-07-31"),
    ("student.enrolment_number", "22911003"),
    ("student.branch.name", "Astrophysics"),
    ("student.branch.degree.name", "Doctor of Philosophy"),
    ("student.branch.department.name", "Department of Physics"),
    ("student.current_year", "5"),
    ("student.current_semester", "9"),
    ("biological_information.date_of_birth", "1998-08-29"),
    ("biological_information.blood_group", "AB-"),
    ("biological_information.sex", "Female"),
    ("biological_information.gender", "Woman"),
    ("contact_information.email_address", "meera.narayanan@example.org"),
    ("contact_information.email_address_verified", "false"),
    (
        "contact_information.institute_webmail_address",
        "meera_ln@ph.institute.example",
    ),
    ("contact_information.primary_phone_number", "+91 94440 55530"),
    ("contact_information.secondary_phone_number", "+91 44 5550 0199"),
    ("residential_information.residence.name", "Kasturba Bhawan"),
    ("residential_information.room_number", "PhD-6"),
    (
        "social_information.links",
        "https://orcid.example.org/0000-0002-1825-0097, https://meera.example.org/stars",
    ),
];

const DEV: &[(&str, &str)] = &[
    ("person.short_name", "Dev"),
    ("person.full_name", "Dev Patel"),
    ("person.roles", "Student, Developer"),
    ("person.custom_roles", "Web team"),
    ("student.start_date", "2023-07-24"),
    ("student.end_date", "2027-05-31"),
    ("student.enrolment_number", "23116045"),
    ("student.branch.name", "Electrical Engineering"),
    ("student.branch.degree.name", "Bachelor of Technology"),
    (
        "student.branch.department.name",
        "Department of Electrical Engineering",
    ),
    ("student.current_year", "4"),
    ("student.current_semester", "7"),
    ("biological_information.date_of_birth", "2005-04-01"),
    ("biological_information.blood_group", "A+"),
    ("biological_information.sex", "Male"),
    ("biological_information.gender", "Man"),
    ("contact_information.email_address", "dev.patel@example.org"),
    ("contact_information.email_address_verified", "true"),
    (
        "contact_information.institute_webmail_address",
        "dev_p@ee.institute.example",
    ),
    ("contact_information.primary_phone_number", "+91 99090 55541"),
    ("contact_information.secondary_phone_number", "+91 79 5550 0123"),
    ("residential_information.residence.name", "Rajendra Bhawan"),
    ("residential_information.room_number", "A-108"),
    ("social_information.links", "https://code.example.org/dev"),
];

const RAVI: &[(&str, &str)] = &[
    ("person.short_name", "Ravi"),
    ("person.full_name", "Ravi Shankar Iyer"),
    ("person.roles", "Faculty member"),
    ("person.custom_roles", "Head of Department, Chief warden"),
    ("faculty_member.start_date", "2009-12-01"),
    ("faculty_member.end_date", "2038-06-30"),
    ("faculty_member.designation", "Professor"),
    ("faculty_member.department.name", "Department of Physics"),
    ("faculty_member.employee_id", "100423"),
    ("biological_information.date_of_birth", "1973-06-17"),
    ("biological_information.blood_group", "O-"),
    ("biological_information.sex", "Male"),
    ("biological_information.gender", "Man"),
    ("contact_information.email_address", "ravi.iyer@example.org"),
    ("contact_information.email_address_verified", "true"),
    (
        "contact_information.institute_webmail_address",
        "ravi.iyer@ph.institute.example",
    ),
    ("contact_information.primary_phone_number", "+91 94120 55560"),
    ("contact_information.secondary_phone_number", "+91 1332 555 601"),
    ("residential_information.residence.name", "Hill View Apartments"),
    ("residential_information.room_number", "12"),
    (
        "social_information.links",
        "https://physics.institute.example/iyer",
    ),
];

const NANDINI: &[(&str, &str)] = &[
    ("person.short_name", "Nandini"),
    ("person.full_name", "Nandini Bose"),
    ("person.roles", "Faculty member"),
    ("person.custom_roles", "Placement coordinator"),
    ("faculty_member.start_date", "2021-01-04"),
    ("faculty_member.end_date", "2052-03-31"),
    ("faculty_member.designation", "Assistant Professor"),
    ("faculty_member.department.name", "Department of Design"),
    ("faculty_member.employee_id", "101877"),
    ("biological_information.date_of_birth", "1988-09-09"),
    ("biological_information.blood_group", "B-"),
    ("biological_information.sex", "Female"),
    ("biological_information.gender", "Woman"),
    ("contact_information.email_address", "nandini.bose@example.org"),
    ("contact_information.email_address_verified", "true"),
    (
        "contact_information.institute_webmail_address",
        "nandini.bose@des.institute.example",
    ),
    ("contact_information.primary_phone_number", "+91 98300 55521"),
    ("contact_information.secondary_phone_number", "+91 33 5550 0147"),
    ("residential_information.residence.name", "Vikas Nagar"),
    ("residential_information.room_number", "F-3"),
    ("social_information.links", "https://bose.example.org"),
];

const SUNITA: &[(&str, &str)] = &[
    ("person.short_name", "Sunita"),
    ("person.full_name", "Sunita Deshmukh"),
    ("person.roles", "Staff"),
    ("person.custom_roles", "Omniport maintainer, Information Services"),
    ("biological_information.date_of_birth", "1981-01-26"),
    ("biological_information.blood_group", "A-"),
    ("biological_information.sex", "Female"),
    ("biological_information.gender", "Woman"),
    ("contact_information.email_address", "sunita.deshmukh@example.org"),
    ("contact_information.email_address_verified", "true"),
    (
        "contact_information.institute_webmail_address",
        "sunita.d@is.institute.example",
    ),
    ("contact_information.primary_phone_number", "+91 98220 55519"),
    ("contact_information.secondary_phone_number", "+91 20 5550 0111"),
    ("residential_information.residence.name", "Staff Colony"),
    ("residential_information.room_number", "27"),
    ("social_information.links", "https://is.institute.example"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::data_points::Catalogue;
    use std::collections::BTreeSet;

    #[test]
    fn passwords_are_typeable_and_differ() {
        let people = draw().unwrap();
        let passwords: BTreeSet<&str> = people.iter().map(|person| person.password.expose()).collect();
        assert_eq!(passwords.len(), people.len());
        for password in passwords {
            assert!(
                password.split('-').count() == 4 && password.split('-').all(|group| group.len() == 4),
                "{password}"
            );
        }
    }

    #[test]
    fn every_data_point_that_concerns_somebody_has_a_value() {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        for person in draw().unwrap() {
            let concerns = |category: &str| match category {
                "student" => person.kind == Kind::Student,
                "faculty_member" => person.kind == Kind::FacultyMember,
                _ => true,
            };
            let wanted: BTreeSet<String> = catalogue
                .data_points()
                .filter(|point| concerns(point.name.category()))
                .map(|point| point.name.to_string())
                .collect();
            let given: BTreeSet<String> = person.draft().values.into_iter().map(|(name, _)| name).collect();
            assert_eq!(given, wanted, "{}", person.username);
        }
    }

    #[test]
    fn everybody_whom_the_demo_promises_is_there() {
        let people = draw().unwrap();
        let count = |kind, role| {
            people
                .iter()
                .filter(|person| person.kind == kind && person.roles() == role)
                .count()
        };
        assert_eq!(count(Kind::Student, vec![]), 3);
        assert_eq!(count(Kind::FacultyMember, vec![]), 2);
        assert_eq!(count(Kind::Student, vec!["developer"]), 1);
        assert_eq!(count(Kind::Staff, vec!["maintainer"]), 1);
    }
}
