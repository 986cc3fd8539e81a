//! The process itself, as the system sees it, under the names that Prometheus's own libraries use.

use super::text::Text;

/// Size of a page, in bytes: on every machine that Linux calls `x86_64`, and by default on `aarch64`.
const PAGE: u64 = 4_096;
/// What `/proc` counts time in (`USER_HZ`): 1/100 s on every Linux.
const TICKS: f64 = 100.0;

/// Memory, CPU time and open files. What the system does not tell is left out.
pub(super) fn write(text: &mut Text) {
    if let Some(pages) = field("/proc/self/statm", 1) {
        text.gauge("process_resident_memory_bytes", "Memory in use, in bytes.")
            .line(&[], pages.saturating_mul(PAGE));
    }
    // Counted from behind the name, which may hold anything: proc(5) fields 14 and 15.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name: Vec<&str> = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace().collect())
        .unwrap_or_default();
    let ticks = |at: usize| after_name.get(at)?.parse::<u32>().ok();
    if let (Some(user), Some(system)) = (ticks(11), ticks(12)) {
        let seconds = (f64::from(user) + f64::from(system)) / TICKS;
        text.counter(
            "process_cpu_seconds_total",
            "CPU time used, user and system, in seconds.",
        )
        .line(&[], seconds);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        text.gauge("process_open_fds", "Open files and connections.")
            .line(&[], files.count());
    }
}

fn field(file: &str, at: usize) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    text.split_whitespace().nth(at)?.parse().ok()
}
