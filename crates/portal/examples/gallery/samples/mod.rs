//! Every page with data: plausible, empty, refused, and nasty. The views' tests render the same ones.

mod apis;
mod around;
mod developers;
mod maintainers;
mod people;

use super::assets;
use super::views::{
    Check, Choice, ChoiceGroup, Chrome, Difference, DifferenceKind, DifferenceRow, HistoryEntry, HistoryKind,
    Institution, Mark, Notice, NoticeKind, Person, Sensitivity, VersionLink, Viewer, When,
};

/// The longest and most hostile name that the server lets in.
pub(super) const NASTY: &str =
    "<script>alert('x')</script> \"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten & Co";

const DAY: i64 = 86_400;
const NOW: i64 = 1_795_442_700;

const DESCRIPTION: &str = "Course Planner helps students of the university to put together a timetable that \
works. A student signs in, sees the courses that their degree allows in the coming semester, and drags them \
into a week. The planner warns of clashes, of rooms at the far end of the campus, and of courses that need \
another one first.\n\nIt asks for the full name so that a shared plan says whose it is; for the degree and the \
department so that it can offer the right courses; and for the current semester so that it starts in the right \
place. It keeps these for as long as the plan exists, and a student can delete the plan with one click. \
Nothing is passed on to anybody else. The planner was written by three students of computer science, and the \
registrar's office has seen it and likes it. It runs on the department's own server, and its code is open.";

fn when(days_ago: i64) -> When {
    When::from_seconds(NOW - days_ago * DAY - days_ago * 1_317)
}

fn asha() -> Person {
    Person {
        name: "Asha Rao".into(),
        username: "asha".into(),
        picture_url: None,
        roles: vec!["Student".into(), "Maintainer".into()],
    }
}

fn person(name: &str, username: &str, roles: &[&str]) -> Person {
    Person {
        name: name.into(),
        username: username.into(),
        picture_url: None,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    }
}

fn chrome(viewer: Option<Person>) -> Chrome {
    Chrome {
        institution: Institution {
            name: "Example University".into(),
            logo_url: None,
        },
        csrf_token: "csrf-sample-token".into(),
        viewer: viewer.map(|person| Viewer {
            person,
            is_developer: true,
            is_maintainer: true,
        }),
        flash: None,
        sandbox: None,
    }
}

fn signed_in() -> Chrome {
    chrome(Some(asha()))
}

fn nasty_chrome() -> Chrome {
    Chrome {
        institution: Institution {
            name: "Rheinisch-Westfälische Technische Hochschule für Angewandte Wissenschaften".into(),
            logo_url: Some(assets::url(assets::Name::Favicon).into()),
        },
        flash: Some(Notice {
            kind: NoticeKind::Done,
            text: format!("Saved: {NASTY}"),
        }),
        ..chrome(Some(person(
            NASTY,
            "a.very.long.username.that.never.seems.to.end@students.example.edu",
            &[],
        )))
    }
}

fn checks() -> Vec<Check> {
    vec![
        Check {
            title: "Description",
            fine: true,
            evidence: "It has 158 words.".into(),
        },
        Check {
            title: "Name",
            fine: false,
            evidence: "The name looks like “Omniport”: it has letters of another alphabet in it (U+043E)."
                .into(),
        },
    ]
}

fn planner() -> Mark {
    Mark {
        name: "Course Planner".into(),
        logo_url: None,
    }
}

fn mark(name: &str) -> Mark {
    Mark {
        name: name.into(),
        logo_url: None,
    }
}

fn nasty_mark() -> Mark {
    Mark {
        name: NASTY.into(),
        logo_url: Some(assets::url(assets::Name::Favicon).into()),
    }
}

fn catalogue(chosen: &[&str]) -> Vec<ChoiceGroup> {
    use Sensitivity::{Ordinary, Personal, Sensitive};
    let group = |key: &str, label: &str, points: &[(&str, &str, Sensitivity)]| ChoiceGroup {
        key: key.into(),
        label: label.into(),
        points: points
            .iter()
            .map(|(name, label, sensitivity)| {
                let name = format!("{key}.{name}");
                let checked = chosen.contains(&name.as_str());
                Choice {
                    checked,
                    name,
                    label: (*label).into(),
                    sensitivity: *sensitivity,
                    optional: checked && *sensitivity == Sensitive,
                    purpose: if checked {
                        "To plan with it.".into()
                    } else {
                        String::new()
                    },
                }
            })
            .collect(),
    };
    vec![
        group(
            "person",
            "Person",
            &[
                ("short_name", "Short name", Ordinary),
                ("full_name", "Full name", Ordinary),
                ("display_picture", "Picture", Personal),
                ("roles", "Roles", Ordinary),
            ],
        ),
        group(
            "student",
            "Student",
            &[
                ("enrolment_number", "Enrolment number", Personal),
                ("branch.name", "Branch", Ordinary),
                ("branch.degree.name", "Degree", Ordinary),
                ("branch.department.name", "Department", Ordinary),
                ("current_semester", "Current semester", Ordinary),
            ],
        ),
        group(
            "biological_information",
            "Biological information",
            &[
                ("date_of_birth", "Date of birth", Sensitive),
                ("blood_group", "Blood group", Sensitive),
            ],
        ),
        group(
            "contact_information",
            "Contact information",
            &[
                ("email_address", "Email address", Personal),
                ("email_address_verified", "Email address verified", Ordinary),
                ("primary_phone_number", "Primary phone number", Sensitive),
            ],
        ),
        group(
            "residential_information",
            "Residential information",
            &[("room_number", "Room number", Sensitive)],
        ),
    ]
}

const CHOSEN: [&str; 4] = [
    "person.full_name",
    "student.branch.degree.name",
    "student.branch.department.name",
    "student.current_semester",
];

fn version(number: u32) -> VersionLink {
    VersionLink {
        number,
        href: format!("/developer/apps/k3/version?number={number}"),
    }
}

fn history() -> Vec<HistoryEntry> {
    let entry = |kind, who: &str, days, what: Option<&str>, comment: Option<&str>| HistoryEntry {
        kind,
        who: who.into(),
        when: when(days),
        what: what.map(Into::into),
        version: (days < 9).then(|| version(3)),
        comment: comment.map(Into::into),
    };
    vec![
        entry(HistoryKind::Submitted, "Asha Rao", 0, Some("Data points"), None),
        entry(
            HistoryKind::Approved,
            "Meera Iyer",
            6,
            None,
            Some("Thank you for explaining the semester. Good to go."),
        ),
        entry(HistoryKind::Submitted, "Asha Rao", 8, None, None),
        entry(
            HistoryKind::Changed,
            "Tomás Ó Súilleabháin",
            8,
            Some("Description"),
            None,
        ),
        entry(
            HistoryKind::Rejected,
            "Meera Iyer",
            9,
            None,
            Some(
                "Please say why you need the current semester, and drop the phone number: nothing in the description uses it.",
            ),
        ),
        entry(HistoryKind::Created, "Asha Rao", 12, None, None),
    ]
}

fn pending() -> Vec<Difference> {
    let row = |kind, text: &str| DifferenceRow {
        kind,
        text: text.into(),
    };
    vec![Difference {
        title: "Data points".into(),
        rows: vec![
            row(DifferenceKind::Added, "Contact information: Email address"),
            row(DifferenceKind::Removed, "Person: Picture"),
            row(DifferenceKind::Kept, "Person: Full name"),
            row(
                DifferenceKind::Kept,
                "Student: Degree, Department, Current semester",
            ),
        ],
    }]
}

/// Every page by a name for its file.
pub(super) fn all() -> Result<Vec<(&'static str, String)>, askama::Error> {
    let mut pages = people::people()?;
    pages.extend(people::proofs()?);
    pages.extend(developers::developers()?);
    pages.extend(developers::lists()?);
    pages.extend(apis::apis()?);
    pages.extend(around::around()?);
    pages.extend(maintainers::maintainers()?);
    Ok(pages)
}
