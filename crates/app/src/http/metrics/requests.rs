//! Requests by route, method and status, and how long they took.

use super::text::Text;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// The upper bounds of the buckets: in microseconds, and as they are written, in seconds.
const BOUNDS: [(u64, &str); 12] = [
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (30_000_000, "30"),
];

/// The counts. Routes are the router's templates, so there are as many as the program has.
#[derive(Debug, Default)]
pub(crate) struct Requests(RwLock<HashMap<String, Arc<Route>>>);

/// One route's.
#[derive(Debug, Default)]
struct Route {
    ends: RwLock<HashMap<End, AtomicU64>>,
    /// Not summed up: each bucket has what fell between its bound and the one below.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct End {
    method: &'static str,
    status: u16,
}

impl Requests {
    /// One more.
    pub(crate) fn add(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let known = self.read(|routes| routes.get(route).cloned());
        let counts = known.unwrap_or_else(|| {
            let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
            routes.entry(route.to_owned()).or_default().clone()
        });
        counts.add(End { method, status }, took);
    }

    fn read<T>(&self, work: impl FnOnce(&HashMap<String, Arc<Route>>) -> T) -> T {
        work(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes all of them, in the order of the routes.
    pub(super) fn write(&self, text: &mut Text) {
        let routes: BTreeMap<String, Arc<Route>> = self.read(|routes| {
            routes
                .iter()
                .map(|(name, route)| (name.clone(), route.clone()))
                .collect()
        });
        let mut family = text.counter(
            "omniport_http_requests_total",
            "Answered requests, by the route's template, method and status.",
        );
        for (name, route) in &routes {
            for (end, count) in route.ends() {
                let status = end.status.to_string();
                family.line(
                    &[("route", name), ("method", end.method), ("status", &status)],
                    count,
                );
            }
        }
        let mut family = text.histogram(
            "omniport_http_request_duration_seconds",
            "Time from a request's head to its answer's head, in seconds, by the route's template.",
        );
        for (name, route) in &routes {
            let mut sum = 0;
            let bounds = BOUNDS.iter().map(|(_, bound)| *bound).chain(["+Inf"]);
            for (bucket, bound) in route.buckets.iter().zip(bounds) {
                sum += bucket.load(Ordering::Relaxed);
                family.named("_bucket", &[("route", name), ("le", bound)], sum);
            }
            let seconds = Duration::from_micros(route.micros.load(Ordering::Relaxed)).as_secs_f64();
            family.named("_sum", &[("route", name)], seconds);
            family.named("_count", &[("route", name)], sum);
        }
    }
}

impl Route {
    fn add(&self, end: End, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let at = BOUNDS.iter().take_while(|(bound, _)| micros > *bound).count();
        if let Some(bucket) = self.buckets.get(at) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(micros, Ordering::Relaxed);
        let ends = self.ends.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = ends.get(&end) {
            count.fetch_add(1, Ordering::Relaxed);
            return;
        }
        drop(ends);
        let mut ends = self.ends.write().unwrap_or_else(PoisonError::into_inner);
        ends.entry(end).or_default().fetch_add(1, Ordering::Relaxed);
    }

    fn ends(&self) -> BTreeMap<End, u64> {
        let ends = self.ends.read().unwrap_or_else(PoisonError::into_inner);
        ends.iter()
            .map(|(end, count)| (*end, count.load(Ordering::Relaxed)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_falls_into_one_bucket_and_all_above_count_it() {
        let requests = Requests::default();
        for (status, micros) in [(200, 500), (200, 501), (400, 99_000_000)] {
            requests.add("/a/{id}", "GET", status, Duration::from_micros(micros));
        }
        let mut text = Text::default();
        requests.write(&mut text);
        let text = text.finish();
        for line in [
            "omniport_http_requests_total{route=\"/a/{id}\",method=\"GET\",status=\"200\"} 2",
            "omniport_http_requests_total{route=\"/a/{id}\",method=\"GET\",status=\"400\"} 1",
            "omniport_http_request_duration_seconds_bucket{route=\"/a/{id}\",le=\"0.0005\"} 1",
            "omniport_http_request_duration_seconds_bucket{route=\"/a/{id}\",le=\"0.001\"} 2",
            "omniport_http_request_duration_seconds_bucket{route=\"/a/{id}\",le=\"30\"} 2",
            "omniport_http_request_duration_seconds_bucket{route=\"/a/{id}\",le=\"+Inf\"} 3",
            "omniport_http_request_duration_seconds_sum{route=\"/a/{id}\"} 99.001001",
            "omniport_http_request_duration_seconds_count{route=\"/a/{id}\"} 3",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
