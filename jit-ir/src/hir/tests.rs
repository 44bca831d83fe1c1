use proptest::prelude::*;

use super::*;
use crate::frontend::convert_unchecked;
use crate::lower::check;

/// A function that has every kind of syntax.
const EVERYTHING: &str = r##"
fn everything<'a, T: Float + AsPrimitive<f64>, const N: usize>(
    (a, ref b): (f64, f64), mut c: &'a mut [[T; N]], _: impl Fn(f64) -> f64, d: &dyn Any, e: *const u8, f: Option<T>,
) -> Result<(T, bool), ()>
where
    T: NumCast,
    Vec<T>: Clone,
{
    #[cfg(unix)]
    use std::f64::consts::{PI, E as EULER, *};
    const K: usize = 3;
    static mut S: [u8; 2] = *b"ab";
    fn inner(x: u8) -> u8 { x }
    struct Local;
    enum Other {}
    let x: f64;
    let Some(y) = f else { return Err(()) };
    let [first, .., last] = [1, 2, 3];
    let z @ (1 | -2..=3 | 4.. | 'a'..='b') = 5u8;
    let Point { x: 1, y, .. } = p;
    let &mut (_, q) = r;
    let K = k;
    let Self::K = const { 5 };
    let array = [0u8; N];
    let closure = move |v: f64, w| -> f64 { v + w };
    let strings = ("text", b"bytes", b'b', 'c', 1.5e3f32, 0xffu8, true, c"c");
    'outer: for i in (0..N).rev().step_by(2) { if i > 3 { continue 'outer; } else { break; } }
    'block: { break 'block; }
    while let Some(v) = next() && v > 1 { loop { break 'outer 1; } }
    if let 1 = 2 { } else if a < b { } else { }
    match a { 1 if b > 2.0 => {} _ => {} }
    c[0][1] = T::zero() + <T as Float>::one() * (-a as f64).max::<f64>(b, &c, &mut d) / !e % *g;
    a += 1; a -= 1; a *= 1; a /= 1; a %= 1; a ^= 1; a &= 1; a |= 1; a <<= 1; a >>= 1;
    a & b | c ^ d << e >> f && g == h || i != j && k <= l || m >= n && o > p;
    let s = Struct { x: 1, y, ..base };
    let t = s.field.0?;
    (_, t) = (1, 2);
    unsafe { f(1.., ..=2, ..) };
    assert!(a < b, "message {}", a);
    debug_assert_eq!(a, b, "message {x}");
    println!("{} {name}", 1, name = 2);
    panic!();
    dbg!(a, b); vec![1, 2]; vec![0; 3]; matches!(a, 1 | 2 if b); cfg!(debug_assertions); other!(1);
    assert!(); panic!(a b);
    async { }; x.await;
    return Ok((y, true));
}
"##;

fn everything() -> Function {
    let item = syn::parse_str(EVERYTHING).expect("the source parses");
    convert_unchecked(&item).expect("not too deep")
}

/// FNV-1a: short, and the same for ever.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[test]
fn schema_edits_are_noticed() {
    let bytes = encode(&everything()).expect("not too deep");
    assert_eq!(
        (SCHEMA_VERSION, hash(&bytes)),
        (6, 11_282_602_797_248_755_848),
        "the encoding has changed: increase `SCHEMA_VERSION` and record the new numbers here"
    );
}

#[test]
fn what_was_encoded_is_decoded() {
    let function = everything();
    let bytes = encode(&function).expect("not too deep");
    assert_eq!(decode(&bytes), Ok(function));
    assert_eq!(decode(b"hlIR\x01\0"), Err(HirError::Magic));
    let mut other = bytes.clone();
    other[4] = 99;
    assert_eq!(decode(&other), Err(HirError::Version { found: 99 }));
    let mut longer = bytes.clone();
    longer.extend([0, 0]);
    assert_eq!(decode(&longer), Err(HirError::TrailingBytes { bytes: 2 }));
    for len in 4..bytes.len() {
        let truncated = decode(&bytes[..len]);
        assert!(matches!(truncated, Err(HirError::Damaged(_))), "{len}");
    }
}

/// No two nodes are one: a node is the name of what it stands for.
#[test]
fn spans_are_nodes() {
    let function = everything();
    let mut seen = std::collections::BTreeSet::new();
    fn visit(pat: &Pat, seen: &mut std::collections::BTreeSet<Span>) {
        pat.for_each_ident(&mut |pat| {
            assert!(seen.insert(pat.span) && seen.insert(pat.ident.span))
        });
    }
    for stmt in &function.block.stmts {
        match stmt {
            Stmt::Local(local) => {
                assert!(seen.insert(local.let_token));
                visit(&local.pat, &mut seen);
            }
            Stmt::Expr(expr, _) => assert!(seen.insert(expr.span())),
            Stmt::Item(_) | Stmt::Macro(_) => {}
        }
    }
    assert!(seen.len() > 30);
    assert!(seen.iter().all(|span| function.position(*span).line > 0));
}

#[test]
fn nesting_is_capped() {
    let test = std::thread::Builder::new().stack_size(16 << 20).spawn(|| {
        let item = |body: String| {
            syn::parse_str(&format!("fn f() {{ {body} }}")).expect("the source parses")
        };
        let long = item(vec!["x"; 2000].join(" + "));
        let long = convert_unchecked(&long).expect("long, and not deep");
        assert_eq!(decode(&encode(&long).expect("not deep")), Ok(long));
        let deep = item(format!("{}x{}", "(".repeat(300), ")".repeat(300)));
        assert!(convert_unchecked(&deep).is_none());
        let too_long = item(vec!["x"; 5000].join(" + "));
        assert!(convert_unchecked(&too_long).is_none());
    });
    test.expect("a thread").join().expect("no panic");
    // file, spans, no `Self`, no refusals, name; then as many parameters as there are bytes, each a reference to a reference ..
    let mut bytes = Vec::from(MAGIC);
    bytes.extend(SCHEMA_VERSION.to_le_bytes());
    bytes.extend([0, 0, 1]);
    bytes.extend([7, 0, 0].repeat(1_000_000));
    assert!(matches!(decode(&bytes), Err(HirError::Damaged(_))));
}

static BYTES: std::sync::LazyLock<Vec<u8>> =
    std::sync::LazyLock::new(|| encode(&everything()).expect("not too deep"));

proptest! {
    /// Any bytes give a function or an error; what they give can be looked at.
    #[test]
    fn damaged_bytes_are_an_error(at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let mut bytes = BYTES.clone();
        let at = 6 + at.index(bytes.len() - 6);
        bytes[at] = with;
        if let Ok(function) = decode(&bytes) {
            let _ = check(&function);
        }
    }

    #[test]
    fn noise_is_an_error(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = Vec::from(MAGIC);
        bytes.extend(SCHEMA_VERSION.to_le_bytes());
        bytes.extend(noise);
        if let Ok(function) = decode(&bytes) {
            let _ = check(&function);
        }
    }
}
