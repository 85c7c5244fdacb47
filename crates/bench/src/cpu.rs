//! CPU time and memory of processes, from `/proc`.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result};

/// Ticks of `/proc/PID/stat` a second: `USER_HZ`, 100 on every Linux that is built today.
const TICKS_PER_SECOND: f64 = 100.0;

/// Whose CPU is counted apart.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Watched {
    /// The gateway.
    pub(crate) gateway: Option<u32>,
    /// PostgreSQL's first process; its children belong to it.
    pub(crate) postmaster: Option<u32>,
    /// The receiver of webhooks.
    pub(crate) receiver: Option<u32>,
}

/// CPU seconds between two moments.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    /// Of the gateway.
    pub(crate) gateway_s: f64,
    /// Of all processes of PostgreSQL.
    pub(crate) database_s: f64,
    /// Of the receiver.
    pub(crate) receiver_s: f64,
    /// Of this process, which makes the load.
    pub(crate) bench_s: f64,
    /// Of children of this process that ended meanwhile.
    pub(crate) ended_children_s: f64,
    /// Share of all cores that everything else used, 0 to 1; the kernel's own threads, which also
    /// write for us, among them.
    pub(crate) others_share: f64,
    /// Share of all cores that the host gave to other machines, 0 to 1.
    pub(crate) steal_share: f64,
}

/// Counts from its start until it is asked.
pub(crate) struct Meter {
    watched: Watched,
    begun: Instant,
    at_start: Reading,
}

impl Meter {
    pub(crate) fn start(watched: Watched) -> Result<Self> {
        Ok(Self {
            watched,
            begun: Instant::now(),
            at_start: Reading::take(watched)?,
        })
    }

    pub(crate) fn stop(&self) -> Result<Spent> {
        let end = Reading::take(self.watched)?;
        let start = &self.at_start;
        let since = |of: fn(&Reading) -> f64| (of(&end) - of(start)).max(0.0);
        let mut spent = Spent {
            gateway_s: since(|reading| reading.gateway),
            database_s: since(|reading| reading.database),
            receiver_s: since(|reading| reading.receiver),
            bench_s: since(|reading| reading.bench),
            ended_children_s: since(|reading| reading.ended_children),
            ..Spent::default()
        };
        let ours = spent.gateway_s
            + spent.database_s
            + spent.receiver_s
            + spent.bench_s
            + spent.ended_children_s;
        let available = self.begun.elapsed().as_secs_f64() * cores();
        spent.others_share = ((since(|reading| reading.busy) - ours) / available).max(0.0);
        spent.steal_share = since(|reading| reading.steal) / available;
        Ok(spent)
    }
}

/// How many cores there are.
pub(crate) fn cores() -> f64 {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    f64::from(u32::try_from(count).unwrap_or(1))
}

/// CPU seconds since each process began.
struct Reading {
    gateway: f64,
    database: f64,
    receiver: f64,
    bench: f64,
    ended_children: f64,
    busy: f64,
    steal: f64,
}

impl Reading {
    fn take(watched: Watched) -> Result<Self> {
        let of = |pid: Option<u32>| {
            pid.and_then(Process::read)
                .map_or(0.0, |process| process.own)
        };
        let bench = Process::read(std::process::id()).context("/proc/PID/stat")?;
        let (busy, steal) = machine()?;
        Ok(Self {
            gateway: of(watched.gateway),
            database: watched.postmaster.map_or(0.0, family),
            receiver: of(watched.receiver),
            bench: bench.own,
            ended_children: bench.ended_children,
            busy,
            steal,
        })
    }
}

/// One process, in CPU seconds.
struct Process {
    parent: u32,
    own: f64,
    ended_children: f64,
}

impl Process {
    fn read(pid: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name stands in parentheses and may hold anything.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: (ticks(11)? + ticks(12)?) / TICKS_PER_SECOND,
            ended_children: (ticks(13)? + ticks(14)?) / TICKS_PER_SECOND,
        })
    }
}

/// CPU seconds of a process since it began.
pub(crate) fn spent_by(pid: u32) -> f64 {
    Process::read(pid).map_or(0.0, |process| process.own)
}

/// The process that began `pid`.
pub(crate) fn parent_of(pid: u32) -> Option<u32> {
    Process::read(pid).map(|process| process.parent)
}

/// A process with its children, those that have ended among them.
fn family(parent: u32) -> f64 {
    let head = Process::read(parent).map_or(0.0, |process| process.own + process.ended_children);
    let children = processes()
        .filter_map(Process::read)
        .filter(|process| process.parent == parent)
        .map(|process| process.own + process.ended_children);
    head + children.sum::<f64>()
}

fn processes() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// CPU seconds of the whole machine: busy, and given to other machines.
fn machine() -> Result<(f64, f64)> {
    let text = fs::read_to_string("/proc/stat").context("/proc/stat")?;
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = line
        .split_whitespace()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    let of = |indices: &[usize]| {
        let sum: f64 = indices.iter().filter_map(|index| ticks.get(*index)).sum();
        sum / TICKS_PER_SECOND
    };
    // user, nice, system, irq, softirq; 3 and 4 are idle.
    Ok((of(&[0, 1, 2, 5, 6]), of(&[7])))
}

/// Resident memory of a process in MiB: now, and at most since the last [`forget_peak`].
pub(crate) fn memory_mib(pid: u32) -> Result<(f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let mib = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        kib.map(|kib| kib / 1024.0).context("a size in kB")
    };
    Ok((mib("VmRSS:")?, mib("VmHWM:")?))
}

/// The peak begins again at what is resident now.
pub(crate) fn forget_peak(pid: u32) -> Result<()> {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").context("clear_refs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_work_is_ours() {
        let meter = Meter::start(Watched::default()).unwrap();
        let begun = Instant::now();
        let mut sum = 0_u64;
        while begun.elapsed().as_millis() < 200 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        let spent = meter.stop().unwrap();
        assert!(spent.bench_s > 0.02, "{spent:?}");
        assert!(spent.gateway_s == 0.0 && spent.database_s == 0.0);
    }

    #[test]
    fn a_process_knows_its_parent_and_size() {
        let me = std::process::id();
        assert!(parent_of(me).is_some_and(|parent| parent > 0));
        let (now, peak) = memory_mib(me).unwrap();
        assert!(now > 0.0 && peak >= now);
    }
}
