//! `/developer/apps/ID/usage`: how much an app is used, day by day, as charts with their table.

use super::{AppHead, AppPage, Chrome, number};
use askama::Template;

/// How much an app is used.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/usage.html")]
pub struct DeveloperUsage {
    /// The frame.
    pub chrome: Chrome,
    /// The app.
    pub head: AppHead,
    /// How many days are shown: one of [`Self::PERIODS`].
    pub period: usize,
    /// The days, the oldest first.
    pub days: Vec<UsageDay>,
}

/// One day.
#[derive(Debug, Clone, Default)]
pub struct UsageDay {
    /// `23 Nov 2026`.
    pub date: String,
    /// Completed sign-ins.
    pub sign_ins: u64,
    /// Different people.
    pub people: u64,
    /// Reads of a person's data.
    pub reads: u64,
    /// Refused requests.
    pub failures: u64,
}

/// One bar of a chart, in its own units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// From the left.
    pub x: usize,
    /// From the top.
    pub y: u64,
    /// How wide.
    pub width: usize,
    /// How high.
    pub height: u64,
}

/// One measure over the days.
#[derive(Debug, Clone)]
pub struct Series {
    /// What is measured.
    pub label: &'static str,
    /// The number that says most of it, and what it is.
    pub figure: (String, &'static str),
    /// The most on one day.
    pub most: u64,
    /// Its word for the stylesheet.
    pub key: &'static str,
    /// A bar for each day that had any.
    pub bars: Vec<Bar>,
}

impl DeveloperUsage {
    /// The numbers of days that may be chosen.
    pub const PERIODS: [usize; 3] = [7, 30, 90];
    /// A chart's size, in its own units.
    pub const WIDTH: usize = 720;
    /// See [`Self::WIDTH`].
    pub const HEIGHT: u64 = 96;

    const HERE: AppPage = AppPage::Usage;

    /// The four measures.
    pub fn series(&self) -> [Series; 4] {
        let total = |of: fn(&UsageDay) -> u64| {
            let sum = self.days.iter().map(of).fold(0_u64, u64::saturating_add);
            (number(sum), "in all")
        };
        [
            self.one(
                "Sign-ins",
                "sign-ins",
                |day| day.sign_ins,
                total(|day| day.sign_ins),
            ),
            self.one("Active people", "people", |day| day.people, {
                // The same person may come on two days: a sum would count them twice.
                let most = self.days.iter().map(|day| day.people).max().unwrap_or_default();
                (number(most), "on the busiest day")
            }),
            self.one("Reads of data", "reads", |day| day.reads, total(|day| day.reads)),
            self.one(
                "Failures",
                "failures",
                |day| day.failures,
                total(|day| day.failures),
            ),
        ]
    }

    fn one(
        &self,
        label: &'static str,
        key: &'static str,
        of: fn(&UsageDay) -> u64,
        figure: (String, &'static str),
    ) -> Series {
        let most = self.days.iter().map(of).max().unwrap_or_default();
        let slot = Self::WIDTH / self.days.len().max(1);
        let gap = if slot > 12 { 4 } else { 2 };
        let bars = self.days.iter().enumerate().filter(|(_, day)| of(day) > 0);
        let bars = bars.map(|(at, day)| {
            // Any is seen: two units at least.
            let height = (u128::from(of(day)) * u128::from(Self::HEIGHT) / u128::from(most.max(1))).max(2);
            let height = u64::try_from(height).unwrap_or(Self::HEIGHT);
            Bar {
                x: at * slot,
                y: Self::HEIGHT - height,
                width: slot.saturating_sub(gap).max(1),
                height,
            }
        });
        Series {
            label,
            figure,
            most,
            key,
            bars: bars.collect(),
        }
    }

    /// Whether nothing at all happened.
    pub fn is_empty(&self) -> bool {
        let any = |day: &UsageDay| day.sign_ins + day.people + day.reads + day.failures > 0;
        !self.days.iter().any(any)
    }

    /// The first day's date.
    pub fn first(&self) -> &str {
        self.days.first().map_or("", |day| &day.date)
    }

    /// The last day's date.
    pub fn last(&self) -> &str {
        self.days.last().map_or("", |day| &day.date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::{AppStatus, Change, Institution, Mark};

    fn usage(counts: &[u64]) -> DeveloperUsage {
        let day = |count: &u64| UsageDay {
            sign_ins: *count,
            people: *count,
            ..UsageDay::default()
        };
        DeveloperUsage {
            chrome: Chrome {
                institution: Institution {
                    name: "I".into(),
                    logo_url: None,
                },
                csrf_token: String::new(),
                viewer: None,
                flash: None,
                sandbox: None,
            },
            head: AppHead {
                id: "a".into(),
                mark: Mark {
                    name: "A".into(),
                    logo_url: None,
                },
                status: AppStatus::Approved,
                change: Change::None,
            },
            period: counts.len(),
            days: counts.iter().map(day).collect(),
        }
    }

    #[test]
    fn bars_are_as_high_as_their_days_and_stay_in_the_picture() {
        let [sign_ins, people, ..] = usage(&[0, 1, 50, 100]).series();
        assert_eq!(
            sign_ins.bars.iter().map(|bar| bar.height).collect::<Vec<_>>(),
            [2, 48, 96]
        );
        assert!(
            sign_ins
                .bars
                .iter()
                .all(|bar| bar.y + bar.height == DeveloperUsage::HEIGHT)
        );
        assert!(
            sign_ins
                .bars
                .iter()
                .all(|bar| bar.x + bar.width <= DeveloperUsage::WIDTH)
        );
        assert_eq!(sign_ins.figure, ("151".to_owned(), "in all"));
        assert_eq!(people.figure.0, "100", "people are not added up over days");
        let [huge, ..] = usage(&[u64::MAX, u64::MAX]).series();
        assert_eq!(huge.bars[0].height, DeveloperUsage::HEIGHT);
    }
}
