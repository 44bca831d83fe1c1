//! Arrays, structs, references and slices as values, from IR text.

use super::{Loaded, slice_arg};
use crate::codegen::packed::{PackedArg, PackedOutcome};

fn returned<const N: usize>(words: [u128; N]) -> PackedOutcome {
    PackedOutcome::Returned(words.to_vec())
}

fn bits(value: f64) -> u128 {
    value.to_bits().into()
}

fn by_ref<T>(value: &mut T) -> PackedArg {
    PackedArg::Ref((&raw mut *value).cast())
}

fn usize_arg(value: usize) -> PackedArg {
    PackedArg::Scalar(value as u128)
}

/// The words of a value of `f64`s, as a result has them.
fn words(values: &[f64]) -> Vec<u128> {
    let pairs = values.chunks(2);
    pairs
        .map(|pair| bits(pair[0]) | pair.get(1).map_or(0, |&high| bits(high) << 64))
        .collect()
}

#[test]
fn local_arrays_are_filled_indexed_and_copied() {
    let f = Loaded::from_text(
        "fn f(i: usize, x: f64) -> [f64; 3] {
            let mut a: [f64; 3];
            let mut b: [f64; 3];
            site @0 = index with usize, usize;
            a = [x, 2.0f64, (x + 1.0f64)];
            b = a;
            b[i]@0 = 7.0f64;
            a[0usize] = b[1usize];
            return if (i == 1usize) { a } else { b };
        }",
    );
    let call = |i, x: f64| f.call(&[usize_arg(i), PackedArg::Scalar(bits(x))]);
    assert_eq!(
        call(0, 5.0),
        PackedOutcome::Returned(words(&[7.0, 2.0, 6.0]))
    );
    assert_eq!(
        call(1, 5.0),
        PackedOutcome::Returned(words(&[7.0, 2.0, 6.0]))
    );
    assert_eq!(
        call(2, 5.0),
        PackedOutcome::Returned(words(&[5.0, 2.0, 7.0]))
    );
    let PackedOutcome::Trapped(1, payload) = call(3, 5.0) else {
        panic!("index 3 is outside");
    };
    assert_eq!(payload.operands[..2], [3, 3]);
}

#[test]
fn repeated_values_fill_arrays_of_any_length() {
    let f = Loaded::from_text(
        "fn f(x: f64, i: usize) -> (f64, f64, f64, f64, u8) {
            let mut long: [f64; 100];
            let mut short: [f64; 3];
            let mut rows: [[f64; 2]; 50];
            let mut zeros: [[f64; 100]; 100];
            let mut bytes: [u8; 40];
            site @0 = index with usize, usize;
            site @1 = index with usize, usize;
            long = [x; 100];
            short = [x; 3];
            rows = [[x, 2.0f64]; 50];
            zeros = [[0.0f64; 100]; 100];
            bytes = [7u8; 40];
            long[i]@0 = -1.0f64;
            return ((long[98usize] + long[99usize]), short[2usize], (rows[49usize][1usize] + rows[i]@1[0usize]),
                zeros[99usize][i], bytes[39usize]);
        }",
    );
    let outcome = f.call(&[PackedArg::Scalar(bits(3.0)), usize_arg(9)]);
    let expected = [bits(6.0), bits(3.0), bits(5.0), bits(0.0), 7];
    assert_eq!(outcome, returned(expected));
}

/// The value is complete before anything of it is stored.
#[test]
fn a_value_may_read_what_it_replaces() {
    let f = Loaded::from_text(
        "fn f(a: &mut [f64; 2], b: &mut [(u8, u32)]) {
            let mut swapped: [f64; 2];
            let mut borrowed: [f64; 2];
            let seen: &[f64; 2];
            site @0 = index with usize, usize;
            a.* = [a.*[1usize], a.*[0usize]];
            swapped = a.*;
            swapped = [swapped[1usize], (swapped[0usize] + swapped[1usize])];
            seen = &borrowed;
            borrowed = swapped;
            borrowed = [seen.*[1usize], (seen.*[0usize] + seen.*[1usize])];
            a.* = borrowed;
            b[0usize]@0 = (b[1usize].0, b[0usize].1);
        }",
    );
    let mut a = [1.0, 2.0];
    let mut b = [(1_u64) | 5 << 32, 2 | 6 << 32];
    assert_eq!(f.call(&[by_ref(&mut a), slice_arg(&mut b)]), returned([]));
    assert_eq!(a, [3.0, 4.0]);
    assert_eq!((b[0] as u8, b[0] >> 32), (2, 5));
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct Particle {
    charge: i8,
    position: [f64; 3],
    alive: bool,
}

const PARTICLE: &str =
    "struct P size 40 align 8 { position: [f64; 3] at 8, alive: bool at 32, charge: i8 at 0 };\n";

#[test]
fn structs_have_their_fields_where_rustc_put_them() {
    let f = Loaded::from_text(&format!(
        "{PARTICLE}fn f(particles: &mut [P], n: usize, dt: f64) -> P {{
            let mut p: P;
            let i: usize;
            site @0 = index with usize, usize;
            site @1 = index with usize, usize;
            '0: for i in 0usize..particles.len() {{
                p = particles[i]@0;
                p.0[1usize] = (p.0[1usize] + dt);
                p.1 = (!p.1);
                particles[i]@0 = struct P(p.0, p.1, (-p.2));
            }}
            return particles[n]@1;
        }}"
    ));
    let particle = |n: usize| Particle {
        charge: n as i8,
        position: [n as f64, 0.0, -1.0],
        alive: n.is_multiple_of(2),
    };
    let mut particles: Vec<_> = (0..5).map(particle).collect();
    let args = [
        slice_arg(&mut particles),
        usize_arg(3),
        PackedArg::Scalar(bits(0.5)),
    ];
    let outcome = f.call(&args);
    for (n, found) in particles.iter().enumerate() {
        let Particle {
            charge,
            mut position,
            alive,
        } = particle(n);
        position[1] += 0.5;
        let expected = Particle {
            charge: -charge,
            position,
            alive: !alive,
        };
        assert_eq!(*found, expected);
    }
    let PackedOutcome::Returned(words) = outcome else {
        panic!("3 is inside");
    };
    assert_eq!(words.len(), 3);
    assert_eq!((words[0] as i8, words[0] >> 64), (-3, bits(3.0)));
    assert_eq!((words[1] as u64, words[2] as u8), (0.5_f64.to_bits(), 1));
    let args = [
        slice_arg(&mut particles),
        usize_arg(5),
        PackedArg::Scalar(0),
    ];
    assert!(matches!(f.call(&args), PackedOutcome::Trapped(2, _)));
}

#[test]
fn references_lead_to_parts_of_locals() {
    let f = Loaded::from_text(
        "fn f(n: usize) -> (usize, u32) {
            let mut grid: [[u32; 4]; 3];
            let row: &mut [u32; 4];
            let cell: &mut u32;
            let part: &mut [u32];
            site @0 = index with usize, usize;
            grid = [[1u32; 4]; 3];
            row = &mut grid[n]@0;
            row.*[2usize] = 5u32;
            cell = &mut row.*[3usize];
            cell.* = (row.*[2usize] + cell.*);
            part = &mut grid[2usize][1usize..];
            part[0usize] = (part[2usize] + 10u32);
            return (part.len(), ((grid[2usize][1usize] + grid[2usize][2usize]) + grid[2usize][3usize]));
        }",
    );
    assert_eq!(f.call(&[usize_arg(2)]), returned([3, 16 + 5 + 6]));
    assert_eq!(f.call(&[usize_arg(0)]), returned([3, 11 + 1 + 1]));
    assert!(matches!(
        f.call(&[usize_arg(3)]),
        PackedOutcome::Trapped(1, _)
    ));
}

#[test]
fn parts_of_slices_are_checked() {
    let f = Loaded::from_text(
        "fn f(a: &[u16], i: usize, j: usize) -> (usize, usize, usize, u16) {
            let both: &[u16];
            let from: &[u16];
            let to: &[u16];
            site @0 = sub_slice both with usize, usize, usize;
            site @1 = sub_slice from with usize, usize, usize;
            site @2 = sub_slice to with usize, usize, usize;
            site @3 = index with usize, usize;
            to = &a[..j]@2;
            from = &a[i..]@1;
            both = &a[i..j]@0;
            return (both.len(), from.len(), to.len(), both[0usize]@3);
        }",
    );
    let mut a = [10_u16, 11, 12, 13];
    let mut call = |i, j| f.call(&[slice_arg(&mut a), usize_arg(i), usize_arg(j)]);
    assert_eq!(call(1, 3), returned([2, 3, 3, 11]));
    assert_eq!(call(0, 4), returned([4, 4, 4, 10]));
    for ((i, j), status, operands) in [
        ((4, 4), 4, [0, 0]),
        ((3, 2), 1, [3, 2]),
        ((5, 4), 2, [5, 4]),
        ((9, 8), 3, [0, 8]),
    ] {
        let PackedOutcome::Trapped(found, payload) = call(i, j) else {
            panic!("{i}..{j} is outside");
        };
        assert_eq!((found, &payload.operands[..2]), (status, &operands[..]));
    }
}

#[test]
fn slices_swap_and_hide_in_tuples() {
    let f = Loaded::from_text(
        "fn f(a: &mut [f64], b: &mut [f64], rounds: usize, some: bool) -> f64 {
            let mut from: &mut [f64];
            let mut to: &mut [f64];
            let t: &mut [f64];
            let i: usize;
            let round: usize;
            let mut maybe: (bool, &[f64], &f64);
            site @0 = index with usize, usize;
            site @1 = index with usize, usize;
            from = a;
            to = b;
            '0: for round in 0usize..rounds {
                '1: for i in 0usize..to.len() {
                    to[i]@0 = (from[i]@1 * 2.0f64);
                }
                t = from;
                from = to;
                to = t;
            }
            maybe = if some { (true, &from[..], &from[0usize]) } else { (false, zeroed::<&[f64]>, zeroed::<&f64>) };
            if maybe.0 {
                return (maybe.1[1usize] + maybe.2.*);
            }
            return (maybe.1.len() as f64);
        }",
    );
    let (mut a, mut b) = ([1.0, 2.0], [0.0; 2]);
    let mut call = |rounds, some: bool| {
        f.call(&[
            slice_arg(&mut a),
            slice_arg(&mut b),
            usize_arg(rounds),
            PackedArg::Scalar(some.into()),
        ])
    };
    assert_eq!(call(3, true), returned([bits(24.0)]));
    assert_eq!(call(0, false), returned([bits(0.0)]));
    assert_eq!((a, b), ([4.0, 8.0], [8.0, 16.0]));
}

#[test]
fn tables_are_constants() {
    let text = "fn f(i: usize) -> (u16, u16) {
            let t: &[u16; 3];
            let s: &[u16];
            table#0 = \"k::TABLE\": [u16; 3] = \"0100ff00feca\";
            site @0 = index with usize, usize;
            t = table#0;
            s = &t.*[..];
            return (s[i]@0, t.*[2usize]);
        }";
    let f = Loaded::from_text(text);
    assert_eq!(f.call(&[usize_arg(1)]), returned([0xff, 0xcafe]));
    assert!(matches!(
        f.call(&[usize_arg(3)]),
        PackedOutcome::Trapped(1, _)
    ));
    let optimized = super::optimized(&super::parsed(text));
    let folded = |line: &str| line.contains("store i16 -13570");
    assert!(optimized.lines().any(folded), "{optimized}");
}

/// The guard sees indices of arrays in arrays, and behind references; what it computes early it finds without an index.
#[test]
fn guards_cover_nested_places() {
    let text = "fn f(m: &(&[f64], usize), a: &mut [[f64; 4]; 4], i: usize, j: usize) {
            site @0 = index with usize, usize;
            site @1 = index with usize, usize;
            site @2 = index with usize, usize;
            site @3 = binary + with usize, usize;
            site @4 = binary * with usize, usize;
            a.*[i]@0[j]@1 = m.*.0[((i * m.*.1)@4 + j)@3]@2;
        }";
    let f = Loaded::from_text(text);
    let program = super::parsed(text);
    let before = super::emitted(&program);
    let guards = before.matches("label %failing, label %checked").count();
    assert_eq!(guards, 1, "{before}");
    let mut data: Vec<f64> = (0..6).map(f64::from).collect();
    let mut m = (data.as_mut_ptr(), data.len(), 2_usize);
    let mut a = [[-1.0_f64; 4]; 4];
    let mut call = |i, j| {
        let args = [by_ref(&mut m), by_ref(&mut a), usize_arg(i), usize_arg(j)];
        match f.call(&args) {
            PackedOutcome::Returned(_) => (0, [0; 2]),
            PackedOutcome::Trapped(status, payload) => {
                (status, [payload.operands[0], payload.operands[1]])
            }
        }
    };
    assert_eq!(call(2, 1), (0, [0; 2]));
    assert_eq!(call(2, 4), (3, [8, 6]));
    assert_eq!(call(0, 4), (2, [4, 4]));
    assert_eq!(call(1 << 63, 0), (5, [1 << 63, 2]));
    assert_eq!(a[2], [-1.0, 5.0, -1.0, -1.0]);
}

/// Where the inner slice is, is known only once the outer index has been checked.
#[test]
fn guards_leave_slices_in_arrays_to_the_statement() {
    let f = Loaded::from_text(
        "fn f(a: &[f64], b: &[f64], i: usize, j: usize) -> f64 {
            let rows: [&[f64]; 2];
            site @0 = index with usize, usize;
            site @1 = index with usize, usize;
            site @2 = binary + with usize, usize;
            rows = [&a[..], &b[..]];
            return rows[i]@0[(j + 1usize)@2]@1;
        }",
    );
    let (mut a, mut b) = ([1.0, 2.0, 3.0], [4.0, 5.0]);
    let mut call = |i, j| {
        let args = [
            slice_arg(&mut a),
            slice_arg(&mut b),
            usize_arg(i),
            usize_arg(j),
        ];
        f.call(&args)
    };
    assert_eq!(call(0, 1), returned([bits(3.0)]));
    assert_eq!(call(1, 0), returned([bits(5.0)]));
    for ((i, j), status, operands) in [
        ((1, 1), 2, [2, 2]),
        ((2, 0), 1, [2, 2]),
        ((2, usize::MAX), 1, [2, 2]),
        ((0, usize::MAX), 3, [usize::MAX as u128, 1]),
    ] {
        let PackedOutcome::Trapped(found, payload) = call(i, j) else {
            panic!("[{i}][{j}] is outside");
        };
        assert_eq!((found, &payload.operands[..2]), (status, &operands[..]));
    }
}

/// A long list of constants is copied from constant memory; a result is built where it goes.
#[test]
fn large_values_are_not_copied_twice() {
    let list: Vec<String> = (0..40).map(|n| format!("{n}.5f32")).collect();
    let text = format!(
        "fn f(i: usize) -> [f32; 40] {{
            let mut a: [f32; 40];
            site @0 = index with usize, usize;
            a = [{}];
            a[i]@0 = -1.0f32;
            return a;
        }}",
        list.join(", ")
    );
    let before = super::emitted(&super::parsed(&text));
    assert_eq!(
        before.matches("call void @llvm.memcpy").count(),
        1,
        "{before}"
    );
    let f = Loaded::from_text(&text);
    let PackedOutcome::Returned(words) = f.call(&[usize_arg(33)]) else {
        panic!("33 is inside");
    };
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    for (n, bytes) in bytes.chunks(4).enumerate() {
        let expected = if n == 33 { -1.0 } else { n as f32 + 0.5 };
        assert_eq!(bytes, expected.to_le_bytes(), "{n}");
    }
    assert!(matches!(
        f.call(&[usize_arg(40)]),
        PackedOutcome::Trapped(1, _)
    ));
}
