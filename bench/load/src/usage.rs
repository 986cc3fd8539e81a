//! What processes have used, as Linux counts it.

use crate::Outcome;
use std::fs;

/// Ticks a second of the times in `/proc/PID/stat`: 100 on every Linux architecture that Rust builds for.
const TICKS: f64 = 100.0;

/// CPU time of whole processes, in seconds: user and system, all threads.
pub(crate) fn cpu_seconds(pids: &[u32]) -> Outcome<f64> {
    let mut ticks = 0;
    for pid in pids {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // proc_pid_stat(5): the name in parentheses may hold anything; utime and stime are fields 14 and 15.
        let after = stat.rsplit_once(')').ok_or("a /proc/PID/stat without a name")?.1;
        let fields: Vec<&str> = after.split_whitespace().collect();
        ticks += fields[11].parse::<u32>()? + fields[12].parse::<u32>()?;
    }
    Ok(f64::from(ticks) / TICKS)
}

/// Resident memory of whole processes, in KiB.
pub(crate) fn resident_kib(pids: &[u32]) -> Outcome<u64> {
    let mut sum = 0;
    for pid in pids {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        sum += number.ok_or("a /proc/PID/status without VmRSS")?.parse::<u64>()?;
    }
    Ok(sum)
}
