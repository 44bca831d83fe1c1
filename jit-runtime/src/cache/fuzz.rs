//! Entries whose bytes were changed at random: whatever is read from the folder, nothing crashes.
//!
//! A damaged entry ends at its checksum, so in most cases the checksum is made right again, as if somebody had written the entry on purpose:
//! then the parts behind it see the damage, the description, the program, and the loader, which places and relocates the object. Nothing that
//! was loaded is run. `HOTLOOP_FUZZ` is the number of damaged entries, 1,000,000 before a release:
//! `HOTLOOP_FUZZ=1000000 cargo test --release -p hotloop-runtime --lib -- fuzz --nocapture`.

use inkwell::targets::{CodeModel, RelocMode};

use super::bundle::{self, Bundle};
use super::entry::{Entry, EntryError, tests::meta, to_bytes};
use super::key::{Collector, Key};
use crate::cpu::CpuLevel;
use crate::object::load_object;
use crate::object::test_objects::{NATIVE, TRIPLES, sum_of_sines};

fn n_cases() -> u64 {
    std::env::var("HOTLOOP_FUZZ").map_or(2_000, |cases| cases.parse().unwrap())
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// Flips, overwrites, inserts, cuts out, doubles or truncates, once or a few times.
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..1 + self.below(4) * self.below(2) {
            let at = self.below(bytes.len());
            let length = (1 + self.below(16)).min(bytes.len() - at);
            match self.below(12) {
                0..=3 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                4..=5 if !bytes.is_empty() => bytes[at] = self.next() as u8,
                6 if !bytes.is_empty() => {
                    let extremes = [0, 1, 0x7f, 0x80, 0xff];
                    bytes[at..at + length].fill(extremes[self.below(5)]);
                }
                7 => bytes.truncate(at),
                8 => drop(bytes.drain(at..at + length)),
                9 => {
                    let part: Vec<u8> = (0..length).map(|_| self.next() as u8).collect();
                    bytes.splice(at..at, part);
                }
                10 => {
                    let part = bytes[at..at + length].to_vec();
                    bytes.splice(at..at, part);
                }
                // A number of 4 or 8 bytes that is far away.
                _ => {
                    let width = [4, 8][self.below(2)];
                    if let Some(place) = bytes.get_mut(at..at + width) {
                        let value = self.next() >> self.below(64);
                        place.copy_from_slice(&value.to_le_bytes()[..width]);
                    }
                }
            }
        }
    }
}

fn entry(function: &str, program: &[u8], object: &[u8]) -> Vec<u8> {
    let mut collector = Collector::new(CpuLevel::Native);
    collector.add("function", function);
    let mut meta = meta(function);
    meta.parts = collector.finish(None).parts;
    to_bytes(&meta, program, object).unwrap()
}

/// Some that are like those of programs.
fn entries() -> Vec<Vec<u8>> {
    let objects = TRIPLES.map(|triple| sum_of_sines(triple, RelocMode::PIC, CodeModel::Small));
    let native = sum_of_sines(NATIVE, RelocMode::PIC, CodeModel::Small);
    let config = hotloop_ir::GenerateConfig {
        memory: true,
        ..hotloop_ir::GenerateConfig::default()
    };
    (objects.iter().chain([&native, &native]).enumerate())
        .map(|(n, object)| {
            let program = hotloop_ir::generate_program(n as u64, &config);
            let program = hotloop_ir::encode_program(&program).unwrap();
            entry("f", &program, object)
        })
        .collect()
}

#[derive(Debug, Default)]
struct Counts {
    no_entry: u64,
    version: u64,
    checksum: u64,
    damaged: u64,
    unreadable_programs: u64,
    readable_programs: u64,
    not_loaded: u64,
    loaded: u64,
}

/// Makes the checksum right, where there is room for one.
fn mend(bytes: &mut [u8]) {
    if bytes.len() > 48 {
        let checksum = *blake3::hash(&bytes[48..]).as_bytes();
        bytes[16..48].copy_from_slice(&checksum);
    }
}

fn read(bytes: Vec<u8>, counts: &mut Counts) {
    let entry = match Entry::parse(bytes) {
        Ok(entry) => entry,
        Err(error) => {
            match error {
                EntryError::NoEntry => counts.no_entry += 1,
                EntryError::Version(_) => counts.version += 1,
                EntryError::Checksum => counts.checksum += 1,
                EntryError::Damaged(_) => counts.damaged += 1,
            }
            return;
        }
    };
    let _ = (Key::of(&entry.meta.parts), entry.meta.times().total());
    match entry.decode_program() {
        Ok(program) => {
            counts.readable_programs += 1;
            for status in [1, 2, 7, u32::MAX] {
                let _ = program.site_of_status(status);
            }
            std::hint::black_box(hotloop_ir::print_program(&program).len());
        }
        Err(_) => counts.unreadable_programs += 1,
    }
    let resolve = |name: &str| (name == "sin").then_some(std::ptr::without_provenance(4096));
    match load_object(entry.object(), &resolve) {
        Ok(object) => {
            counts.loaded += 1;
            let _ = object.symbol(&entry.meta.entry_symbol);
            std::hint::black_box(object.code().bytes.iter().fold(0, |sum, byte| sum ^ byte));
        }
        Err(_) => counts.not_loaded += 1,
    }
}

#[test]
fn damaged_entries_are_errors_never_crashes() {
    let entries = entries();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut counts = Counts::default();
    for case in 0..n_cases() {
        let whole = &entries[random.below(entries.len())];
        let mut bytes = whole.clone();
        match case % 8 {
            // The file as somebody found it.
            0 => random.damage(&mut bytes),
            // Somewhere behind the lengths, which stay as they are: the damage is where it was meant to be.
            1..=2 => {
                let mut rest = bytes.split_off(72);
                let length = rest.len();
                random.damage(&mut rest);
                rest.resize(length, 0);
                bytes.extend(rest);
                mend(&mut bytes);
            }
            3 => {
                random.damage(&mut bytes);
                mend(&mut bytes);
            }
            // The object alone, or the program; the lengths agree.
            part => {
                let entry = Entry::parse(bytes.clone()).unwrap();
                let (mut program, mut object) = (entry.program().to_vec(), entry.object().to_vec());
                match part {
                    4 => random.damage(&mut program),
                    _ => random.damage(&mut object),
                }
                bytes = to_bytes(&entry.meta, &program, &object).unwrap();
            }
        }
        read(bytes, &mut counts);
    }
    println!("{} damaged entries: {counts:?}", n_cases());
    assert!(counts.checksum > 0 && counts.damaged > 0);
    assert!(counts.loaded > 0 && counts.not_loaded > 0);
    assert!(counts.readable_programs > 0 && counts.unreadable_programs > 0);
}

#[test]
fn damaged_bundles_are_errors_never_crashes() {
    let functions = ["f", "g", "h"].map(|name| entry(name, b"", b""));
    let entries = functions.map(|bytes| Entry::parse(bytes).unwrap());
    let whole = bundle::to_bytes(&entries).unwrap();
    let index_end = 48 + 32 * entries.len();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut refused, mut found, mut missing) = (0_u64, 0_u64, 0_u64);
    for case in 0..n_cases() / 8 {
        let mut bytes = whole.clone();
        if case % 2 == 0 {
            random.damage(&mut bytes);
        } else {
            let rest = bytes.split_off(index_end);
            random.damage(&mut bytes);
            bytes.resize(index_end, 0);
            let checksum = *blake3::hash(&bytes[48..]).as_bytes();
            bytes[16..48].copy_from_slice(&checksum);
            bytes.extend(rest);
        }
        // SAFETY: the bundle that borrows the bytes is dropped before they are, and what it gives out is dropped with it.
        let borrowed = unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) };
        let Ok(bundle) = Bundle::embedded(borrowed) else {
            refused += 1;
            continue;
        };
        for key in bundle.keys() {
            match bundle.find(key) {
                Ok(_) => found += 1,
                Err(_) => missing += 1,
            }
        }
    }
    println!(
        "{} damaged bundles: {refused} refused; {found} entries found, {missing} not",
        n_cases() / 8
    );
    assert!(refused > 0 && found > 0 && missing > 0);
}
