//! Tests of the loader with objects that LLVM made: run here, linked for the other architecture, and damaged.

use std::collections::HashMap;

use inkwell::targets::{CodeModel, RelocMode};
use proptest::prelude::*;

use super::layout::Layout;
use super::link::link;
use super::test_objects::{NATIVE, TRIPLES, sum_of_sines};
use super::*;

/// The `sin` of the tests, a function of ours so that its address is known.
extern "C" fn our_sin(x: f64) -> f64 {
    x.sin()
}

fn resolve(name: &str) -> Option<*const ()> {
    (name == "sin").then_some(our_sin as extern "C" fn(f64) -> f64 as *const ())
}

#[test]
fn loaded_code_runs() {
    for (reloc, model) in [
        (RelocMode::PIC, CodeModel::Small),
        (RelocMode::PIC, CodeModel::Medium),
        (RelocMode::PIC, CodeModel::Large),
        (RelocMode::Static, CodeModel::Large),
    ] {
        if cfg!(target_arch = "aarch64")
            && (model == CodeModel::Medium || reloc == RelocMode::PIC && model == CodeModel::Large)
        {
            continue; // not models of AArch64
        }
        let object = load_object(&sum_of_sines(NATIVE, reloc, model), &resolve).unwrap();
        let symbol = |name: &str| object.symbol(name).unwrap();
        // SAFETY: the object's functions have these types, and `object` outlives the calls.
        let (f, count) = unsafe {
            (
                std::mem::transmute::<*const (), extern "C" fn(*const f64, i64) -> f64>(symbol(
                    "f",
                )),
                std::mem::transmute::<*const (), extern "C" fn() -> i64>(symbol("count")),
            )
        };
        let xs: Vec<f64> = (0..1001).map(|i| i as f64 * 0.37).collect();
        let mut expected = 0.0;
        for (i, x) in xs.iter().enumerate() {
            expected += x.sin() + [0.5, 1.5, 2.5, 3.5][i % 4];
        }
        assert_eq!(f(xs.as_ptr(), xs.len() as i64), expected, "{model:?}");
        assert_eq!(f(xs.as_ptr(), 0), 0.0);
        assert_eq!((count(), count()), (42, 43));
        assert_eq!(object.symbol("g"), None);
        assert_eq!(object.symbols().count(), 4);

        let code = object.code();
        let range = code.address..code.address + code.bytes.len() as u64;
        assert!(
            range.contains(&(symbol("f") as u64)) && !range.contains(&(symbol("counter") as u64))
        );
    }
}

#[test]
fn no_page_is_writable_and_executable() {
    let object = load_object(
        &sum_of_sines(NATIVE, RelocMode::PIC, CodeModel::Small),
        &resolve,
    )
    .unwrap();
    let access = |address: u64| {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let line = maps.lines().find(|line| {
            let (start, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
            let number = |text| u64::from_str_radix(text, 16).unwrap();
            (number(start)..number(end)).contains(&address)
        });
        line.unwrap().split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(access(object.symbol("f").unwrap() as u64), "r-xp");
    assert_eq!(access(object.symbol("table").unwrap() as u64), "r--p");
    assert_eq!(access(object.symbol("counter").unwrap() as u64), "rw-p");
}

#[test]
fn a_symbol_nobody_knows_is_named() {
    let error = load_object(
        &sum_of_sines(NATIVE, RelocMode::PIC, CodeModel::Small),
        &|_| None,
    )
    .unwrap_err();
    assert_eq!(error.to_string(), "unknown symbol `sin`");
}

#[test]
fn code_of_another_machine_is_refused() {
    let other = TRIPLES
        .into_iter()
        .find(|triple| *triple != NATIVE)
        .unwrap();
    let error = load_object(
        &sum_of_sines(other, RelocMode::PIC, CodeModel::Small),
        &resolve,
    )
    .unwrap_err();
    assert!(matches!(error, LoadError::Machine(_)), "{error}");
}

/// An image linked for any machine at `base`, with `sin` at `sin`.
fn image(bytes: &[u8], base: u64, sin: u64) -> (Vec<u8>, HashMap<String, usize>) {
    let layout = Layout::new(bytes, 4096).unwrap();
    let mut memory = vec![0; layout.size];
    let symbols = link(&layout, &mut memory, base, &|name| {
        (name == "sin").then_some(sin)
    })
    .unwrap();
    (memory, symbols)
}

/// What the AArch64 instructions of `memory` refer to: targets of `bl`, and of `adrp` with the `add` or `ldr` after it.
fn aarch64_targets(
    memory: &[u8],
    code: std::ops::Range<usize>,
    base: u64,
) -> (Vec<u64>, Vec<u64>, Vec<u64>) {
    let (mut calls, mut sums, mut loads) = (vec![], vec![], vec![]);
    let mut pages = [0u64; 32];
    for offset in code.step_by(4) {
        let instruction = u32::from_le_bytes(memory[offset..offset + 4].try_into().unwrap());
        let (place, low, from) = (
            base + offset as u64,
            instruction & 31,
            (instruction >> 5 & 31) as usize,
        );
        let imm12 = u64::from(instruction >> 10 & 0xfff);
        if instruction >> 26 == 0x25 {
            calls.push(place.wrapping_add_signed((i64::from(instruction) << 38) >> 36));
        } else if instruction >> 31 == 1 && instruction >> 24 & 31 == 0x10 {
            let imm21 =
                i64::from(instruction >> 5 & 0x7ffff) << 2 | i64::from(instruction >> 29 & 3);
            pages[low as usize] = (place & !0xfff).wrapping_add_signed((imm21 << 43) >> 31);
        } else if instruction >> 22 == 0x3e5 && pages[from] != 0 {
            loads.push(pages[from] + imm12 * 8);
        } else if instruction >> 22 == 0x244 && pages[from] != 0 {
            sums.push(pages[from] + imm12);
        }
    }
    (calls, sums, loads)
}

#[test]
fn aarch64_instructions_reach_their_targets() {
    let base = 0x7f12_3456_7000;
    for (sin, reloc) in [
        (base + 0x5_0000, RelocMode::PIC),
        (0x10_0000, RelocMode::PIC),
        (0x10_0000, RelocMode::Static),
    ] {
        let bytes = sum_of_sines(TRIPLES[1], reloc, CodeModel::Small);
        let (memory, symbols) = image(&bytes, base, sin);
        let code = Layout::new(&bytes, 4096).unwrap().code;
        let (calls, sums, loads) = aarch64_targets(&memory, code, base);
        let read_u64 = |address: u64| {
            let offset = (address - base) as usize;
            u64::from_le_bytes(memory[offset..offset + 8].try_into().unwrap())
        };
        let expected = ["table", "counter"].map(|name| base + symbols[name] as u64);

        let [call] = calls[..] else {
            panic!("{calls:x?}")
        };
        if sin > base {
            assert_eq!(call, sin, "a function within reach is called directly");
        } else {
            let veneer = (call - base) as usize;
            assert_eq!(
                memory[veneer..veneer + 8],
                [0x50, 0, 0, 0x58, 0, 2, 0x1f, 0xd6],
                "ldr x16, 8; br x16"
            );
            assert_eq!(read_u64(call + 8), sin);
        }
        // Addresses come from the global offset table, or from the instructions themselves.
        let found: Vec<u64> = loads
            .iter()
            .map(|at| {
                if expected.contains(at) {
                    *at
                } else {
                    read_u64(*at)
                }
            })
            .chain(sums)
            .collect();
        for address in expected {
            assert!(
                found.contains(&address),
                "{reloc:?}: {address:x} is not among {found:x?}"
            );
        }
    }
}

/// Damages the object at the given places, and loads it. Only that nothing panics or crashes is asked.
fn load_damaged(object: &[u8], damage: &[(usize, u8)]) {
    let mut bytes = object.to_vec();
    for (at, value) in damage {
        let at = at % bytes.len();
        bytes[at] = *value;
    }
    let _ = load_object(&bytes, &resolve).map(|object| object.symbols().count());
    if let Ok(layout) = Layout::new(&bytes, 4096)
        && layout.size < 1 << 20
    {
        let _ = link(
            &layout,
            &mut vec![0; layout.size],
            0x7fff_0000_0000,
            &|_| Some(0x1234_5678),
        );
    }
}

#[test]
fn damaged_objects_are_errors_never_crashes() {
    let objects = TRIPLES.map(|triple| sum_of_sines(triple, RelocMode::PIC, CodeModel::Small));
    for object in &objects {
        for length in 0..object.len() {
            let _ = load_object(&object[..length], &resolve);
        }
        // The file header and the tables decide the most, so each of their bytes is tried with several values.
        for at in 0..object.len() {
            for value in [
                0,
                1,
                0x7f,
                0x80,
                0xff,
                object[at] ^ 1,
                object[at].wrapping_add(8),
            ] {
                load_damaged(object, &[(at, value)]);
            }
        }
    }
    let damage = prop::collection::vec((any::<usize>(), any::<u8>()), 1..8);
    let config = ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(damage in damage, which in 0..2usize)| load_damaged(&objects[which], &damage));
}
