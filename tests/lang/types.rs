//! `#[derive(JitType)]`: what is described is what rustc laid out.

use std::mem::offset_of;

use hotloop::__private::TypeInfo;
use hotloop::{JitType, jit};

#[derive(Clone, Copy, JitType)]
struct Particle<T: Copy> {
    id: u8,
    at: [T; 3],
    mass: T,
    bounds: (T, u16),
    kind: Kind,
    inner: Inner<T>,
}

#[derive(Clone, Copy, JitType)]
struct Inner<T>(bool, T);

#[derive(Clone, Copy, JitType)]
struct Nothing;

#[derive(Clone, Copy, JitType)]
enum Kind {
    Light = 3,
    Heavy = 300,
}

#[derive(Clone, Copy, JitType)]
#[repr(u64)]
enum Wide {
    First = u64::MAX,
}

#[derive(JitType)]
struct Borrowing<'a> {
    x: &'a [f64],
}

#[derive(JitType)]
struct List<'a, T> {
    value: T,
    next: Option<&'a List<'a, T>>,
    this: &'a List<'a, T>,
}

fn fields_of<T: JitType>() -> Vec<(String, u64, TypeInfo)> {
    match T::describe() {
        TypeInfo::Struct(info) => {
            assert_eq!(info.size, size_of::<T>() as u64);
            assert_eq!(info.align, align_of::<T>() as u64);
            info.fields.clone()
        }
        other => panic!("not a struct: {other:?}"),
    }
}

#[test]
fn structs_have_the_layout_of_rustc() {
    type Of = Particle<f64>;
    let fields = fields_of::<Of>();
    let offsets: Vec<_> = (fields.iter())
        .map(|(name, offset, _)| (name.as_str(), *offset as usize))
        .collect();
    assert_eq!(
        offsets,
        [
            ("id", offset_of!(Of, id)),
            ("at", offset_of!(Of, at)),
            ("mass", offset_of!(Of, mass)),
            ("bounds", offset_of!(Of, bounds)),
            ("kind", offset_of!(Of, kind)),
            ("inner", offset_of!(Of, inner)),
        ]
    );
    assert_eq!(fields[2].2, f64::describe());
    assert_eq!(fields[1].2, <[f64; 3]>::describe());
    assert_eq!(fields[3].2, <(f64, u16)>::describe());
    assert_eq!(fields[5].2, Inner::<f64>::describe());
    assert_eq!(fields_of::<Inner<u8>>()[1].0, "1");
    assert!(fields_of::<Nothing>().is_empty());
}

#[test]
fn what_is_no_number_makes_the_struct_unknown() {
    assert!(matches!(Inner::<&str>::describe(), TypeInfo::Unknown(_)));
    assert!(matches!(Borrowing::describe(), TypeInfo::Unknown(_)));
    // Ends, although the type is recursive.
    assert!(matches!(List::<f64>::describe(), TypeInfo::Unknown(_)));
    assert!(matches!(
        Borrowing { x: &[] }.constant().ty,
        TypeInfo::Unknown(_)
    ));
}

#[test]
fn enums_have_the_discriminants_of_rustc() {
    let TypeInfo::Enum(info) = Kind::describe() else {
        panic!("not an enum")
    };
    assert_eq!(info.repr.size_bytes(), size_of::<Kind>());
    assert_eq!(info.variants, [("Light".into(), 3), ("Heavy".into(), 300)]);
    let TypeInfo::Enum(info) = Wide::describe() else {
        panic!("not an enum")
    };
    assert_eq!(info.variants, [("First".into(), u64::MAX.into())]);
    assert_eq!(Wide::First.constant().bytes, [255; 8]);
    assert_eq!(Kind::Light.constant().bytes[0], 3);
}

#[test]
fn constants_have_their_bytes_where_the_fields_are() {
    type Of = Particle<f32>;
    let value = Of {
        id: 9,
        at: [1.0, 2.0, 3.0],
        mass: 4.0,
        bounds: (5.0, 6),
        kind: Kind::Heavy,
        inner: Inner(true, 7.0),
    };
    let bytes = value.constant().bytes;
    let f32_at = |at: usize| {
        let bytes: [u8; 4] = bytes[at..at + 4].try_into().unwrap();
        f32::from_le_bytes(bytes)
    };
    assert_eq!(bytes.len(), size_of::<Of>());
    assert_eq!(bytes[offset_of!(Of, id)], 9);
    assert_eq!(f32_at(offset_of!(Of, at) + 8), 3.0);
    assert_eq!(f32_at(offset_of!(Of, mass)), 4.0);
    assert_eq!(
        f32_at(offset_of!(Of, bounds) + offset_of!((f32, u16), 0)),
        5.0
    );
    assert_eq!(f32_at(offset_of!(Of, inner.1)), 7.0);
    let kind = offset_of!(Of, kind);
    assert_eq!(bytes[kind..kind + 2], 300_u16.to_le_bytes());
}

type Maybe = Option<f64>;
type Pair = (f64, f64);
type Real = f64;

#[jit]
fn alias_of_an_option(x: Maybe, y: f64) -> f64 {
    x.unwrap_or(y)
}

#[jit]
fn result_by_an_alias(x: f64) -> Maybe {
    if x > 0.0 { Some(x) } else { None }
}

#[jit]
fn alias_of_a_number(x: Real, p: Pair) -> Real {
    x * p.0 + p.1
}

/// What a macro cannot see behind a name is not passed wrongly.
#[test]
fn aliases_run_rustc_s_body_or_agree() {
    assert_eq!(alias_of_an_option(Some(2.0), 1.0), 2.0);
    assert_eq!(alias_of_an_option(None, 1.0), 1.0);
    assert_eq!(result_by_an_alias(3.0), Some(3.0));
    assert_eq!(result_by_an_alias(-3.0), None);
    assert!(alias_of_an_option::specializations().is_empty());
    assert!(result_by_an_alias::specializations().is_empty());
    agree!(alias_of_a_number(3.0, (4.0, 5.0)));
}
