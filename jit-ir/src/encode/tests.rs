use proptest::prelude::*;

use super::*;
use crate::generate::{GenerateConfig, generate_function, generate_program};
use crate::parse::tests::{EVERYTHING, PROGRAM};
use crate::{Intrinsic, NamedConst, Ty, parse, parse_program, verify};

/// FNV-1a: short, and the same for ever.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A function of every variant, then a word for each intrinsic, constant and scalar type with its number: what would
/// change the meaning of bytes that are embedded in programs.
#[test]
fn schema_edits_are_noticed() {
    let func = parse(EVERYTHING).expect("well-formed text");
    let bytes = encode(&func).expect("not too deep");
    let program = parse_program(PROGRAM).expect("well-formed text");
    let program = encode_program(&program).expect("not too deep");
    let mut tables = String::new();
    for (n, intrinsic) in Intrinsic::ALL.iter().enumerate() {
        assert_eq!(
            postcard::to_stdvec(intrinsic),
            postcard::to_stdvec(&(n as u32))
        );
        tables.push_str(intrinsic.name());
    }
    for name in NamedConst::ALL {
        tables.push_str(name.name());
    }
    for op in crate::BinaryOp::ALL {
        tables.push_str(op.symbol());
    }
    for ty in crate::ScalarTy::ALL {
        tables.push_str(ty.name());
    }
    assert_eq!(
        (
            SCHEMA_VERSION,
            hash(&bytes),
            hash(&program),
            hash(tables.as_bytes())
        ),
        (
            7,
            10_109_403_903_955_303_837,
            4_643_966_834_267_392_285,
            9_852_975_783_102_038_892
        ),
        "the encoding has changed: increase `SCHEMA_VERSION` and record the new numbers here"
    );
}

#[test]
fn what_is_not_encoded_ir_is_an_error() {
    let func = parse("fn f(x: i32) { _ = x; }").expect("well-formed text");
    let bytes = encode(&func).expect("not too deep");
    assert_eq!(decode(&bytes), Ok(func));
    assert_eq!(decode(b""), Err(EncodeError::Magic));
    assert_eq!(
        decode(b"hlIR"),
        Err(EncodeError::Damaged("no schema version".into()))
    );
    assert_eq!(decode(b"ELF.\x01\0"), Err(EncodeError::Magic));
    let mut other = bytes.clone();
    other[4] = 99;
    assert_eq!(decode(&other), Err(EncodeError::Version { found: 99 }));
    let mut longer = bytes.clone();
    longer.extend([0, 0]);
    assert_eq!(
        decode(&longer),
        Err(EncodeError::TrailingBytes { bytes: 2 })
    );
    for len in 6..bytes.len() {
        let truncated = decode(&bytes[..len]);
        assert!(
            matches!(truncated, Err(EncodeError::Damaged(_))),
            "{len}: {truncated:?}"
        );
    }
}

#[test]
fn nesting_is_capped() {
    // name, module, file, type parameters, parameters: all empty; then the result: a tuple of one tuple of one ..
    let mut bytes = Vec::from(MAGIC);
    bytes.extend(SCHEMA_VERSION.to_le_bytes());
    bytes.extend([0; 5]);
    // Likewise an array of arrays of one element, and references to references.
    for level in [&[3, 1][..], &[4], &[6]] {
        let mut bytes = bytes.clone();
        bytes.extend(level.repeat(1_000_000));
        assert!(matches!(decode(&bytes), Err(EncodeError::Damaged(_))));
    }
    // A struct: no name, size 1, align 1, one field without a name at 0 ..
    bytes.extend([5, 0, 1, 1, 1, 0, 0].repeat(1_000_000));
    assert!(matches!(decode(&bytes), Err(EncodeError::Damaged(_))));
    // The cap is on each value, not on all of them together, and not on the next attempt.
    let func = parse(EVERYTHING).expect("well-formed text");
    let good = encode(&func).expect("not too deep");
    assert_eq!(decode(&good), Ok(func.clone()));

    let mut deep = func;
    for _ in 0..MAX_TYPE_DEPTH {
        deep.result = Ty::Tuple(vec![deep.result]);
    }
    assert_eq!(encode(&deep), Err(EncodeError::TooDeep));
}

/// Arguments; none for a function whose arrays are too big for that.
fn some_arguments(func: &crate::Function, seed: u64) -> Vec<crate::Argument> {
    fn fits(ty: &Ty) -> bool {
        let small = crate::layout_of(ty).is_ok_and(|layout| layout.size < 1 << 16);
        small && !matches!(ty, Ty::Array { len, .. } if *len > 1 << 16) && ty.parts().all(fits)
    }
    let mut types = func
        .params
        .iter()
        .filter_map(|&param| func.locals.get(param));
    if types.all(|local| fits(&local.ty)) {
        crate::generate_arguments(func, seed)
    } else {
        Vec::new()
    }
}

proptest! {
    /// Any bytes give a function or an error; what they give can be verified and printed.
    #[test]
    fn damaged_bytes_are_an_error(seed in any::<u64>(), at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let memory = seed % 2 == 0;
        let func = generate_function(seed, &GenerateConfig { memory, ..GenerateConfig::default() });
        let mut bytes = encode(&func).expect("not too deep");
        let at = 6 + at.index(bytes.len() - 6);
        bytes[at] = with;
        if let Ok(func) = decode(&bytes) {
            let _ = verify(&func);
            let _ = crate::print(&func);
            let _ = crate::specialize(&func, &[], &Default::default());
            let _ = crate::eval(&func, &mut some_arguments(&func, seed), 1000);
        }
    }

    /// Likewise a program; its calls are evaluated.
    #[test]
    fn damaged_programs_are_an_error(seed in any::<u64>(), at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let program = generate_program(seed, &GenerateConfig::with_memory());
        let mut bytes = encode_program(&program).expect("not too deep");
        let at = 6 + at.index(bytes.len() - 6);
        bytes[at] = with;
        if let Ok(program) = decode_program(&bytes) {
            let options = vec![crate::BuildOptions::default(); program.functions.len()];
            let program = match crate::specialize_program(&program, &[], &options) {
                Ok(specialized) if seed % 2 == 0 => specialized,
                _ => program,
            };
            let _ = crate::print_program(&program);
            if let Some(func) = program.functions.first() {
                let mut args = some_arguments(func, seed);
                let _ = crate::eval_program(&program, &mut args, 1000, &mut |_, _| None);
            }
        }
    }
}
