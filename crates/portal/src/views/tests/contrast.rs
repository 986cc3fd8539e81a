//! The colours of `assets/tokens.css` against each other, as WCAG 2.2 computes it (1.4.3, 1.4.11).

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../../assets/tokens.css");

/// A colour as the table writes it: `oklch(L C h)`.
#[derive(Clone, Copy)]
struct Oklch(f64, f64, f64);

/// Relative luminance (WCAG 2.2, "relative luminance"), by way of Oklab's own inverse matrices.
fn luminance(Oklch(lightness, chroma, hue): Oklch) -> f64 {
    let (green_red, blue_yellow) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let cone = |by_green_red: f64, by_blue_yellow: f64| {
        (lightness + by_green_red * green_red + by_blue_yellow * blue_yellow).powi(3)
    };
    let long = cone(0.396_337_777_4, 0.215_803_757_3);
    let medium = cone(-0.105_561_345_8, -0.063_854_172_8);
    let short = cone(-0.089_484_177_5, -1.291_485_548);
    let red = 4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short;
    let green = -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short;
    let blue = -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701 * short;
    0.2126 * red.clamp(0.0, 1.0) + 0.7152 * green.clamp(0.0, 1.0) + 0.0722 * blue.clamp(0.0, 1.0)
}

fn contrast(one: Oklch, other: Oklch) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The table: each name with its light and its dark colour.
fn table() -> BTreeMap<&'static str, [Oklch; 2]> {
    let mut found = BTreeMap::new();
    for line in TOKENS.lines().filter(|line| line.trim().starts_with("--")) {
        let Some((name, value)) = line.trim().split_once(": light-dark(") else {
            continue;
        };
        let colours: Vec<Oklch> = value
            .split("oklch(")
            .skip(1)
            .map(|text| {
                let numbers: Vec<f64> = text
                    .split(')')
                    .next()
                    .unwrap_or_default()
                    .split_whitespace()
                    .map(|number| number.parse().expect("a number"))
                    .collect();
                Oklch(numbers[0], numbers[1], numbers[2])
            })
            .collect();
        found.insert(name, [colours[0], colours[1]]);
    }
    found
}

#[test]
fn text_is_readable_on_every_ground_it_stands_on() {
    let table = table();
    assert!(table.len() > 15, "the table was read");
    let grounds = ["--ground", "--surface", "--sunken"];
    let on_all = [
        "--ink",
        "--ink-soft",
        "--accent-ink",
        "--green",
        "--amber",
        "--red",
    ];
    let mut pairs: Vec<(&str, &str)> = on_all
        .iter()
        .flat_map(|ink| grounds.map(|ground| (*ink, ground)))
        .collect();
    pairs.extend([
        ("--on-accent", "--accent"),
        ("--on-accent", "--accent-strong"),
        ("--on-red", "--red"),
        ("--accent-ink", "--accent-soft"),
        ("--green", "--green-soft"),
        ("--amber", "--amber-soft"),
        ("--red", "--red-soft"),
        ("--ink", "--accent-soft"),
        ("--ink", "--green-soft"),
        ("--ink", "--amber-soft"),
        ("--ink", "--red-soft"),
        ("--ink-soft", "--accent-soft"),
    ]);
    for (ink, ground) in pairs {
        for (scheme, mode) in ["light", "dark"].into_iter().enumerate() {
            let ratio = contrast(table[ink][scheme], table[ground][scheme]);
            assert!(ratio >= 4.5, "{ink} on {ground}, {mode}: {ratio:.2}");
        }
    }
}

#[test]
fn the_edge_of_a_control_and_the_focus_ring_can_be_seen() {
    let table = table();
    for line in ["--edge", "--accent"] {
        for ground in ["--ground", "--surface", "--sunken"] {
            for (scheme, mode) in ["light", "dark"].into_iter().enumerate() {
                let ratio = contrast(table[line][scheme], table[ground][scheme]);
                assert!(ratio >= 3.0, "{line} on {ground}, {mode}: {ratio:.2}");
            }
        }
    }
}
