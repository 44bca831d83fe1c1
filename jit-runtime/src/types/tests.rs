use hotloop_ir::ScalarTy;
use hotloop_ir::instance::{ConstInfo, TypeInfo};

use super::*;

fn scalar(ty: ScalarTy) -> TypeInfo {
    TypeInfo::Scalar(ty)
}

#[test]
fn tuples_have_the_offsets_of_rustc() {
    type Triple = (u8, f64, u16);
    let TypeInfo::Tuple(info) = Triple::describe() else {
        panic!("not a tuple")
    };
    assert_eq!(
        (info.size, info.align),
        (size_of::<Triple>() as u64, align_of::<Triple>() as u64)
    );
    let offsets: Vec<_> = info.fields.iter().map(|field| field.1 as usize).collect();
    assert_eq!(
        offsets,
        [
            std::mem::offset_of!(Triple, 0),
            std::mem::offset_of!(Triple, 1),
            std::mem::offset_of!(Triple, 2)
        ]
    );
    assert_eq!(info.fields[1].2, scalar(ScalarTy::F64));
}

#[test]
fn constants_are_copied_without_their_padding() {
    let value: (u8, u32) = (7, 0x0102_0304);
    let ConstInfo { bytes, .. } = value.constant();
    let mut expected = vec![0; size_of::<(u8, u32)>()];
    expected[std::mem::offset_of!((u8, u32), 0)] = 7;
    let at = std::mem::offset_of!((u8, u32), 1);
    expected[at..at + 4].copy_from_slice(&0x0102_0304_u32.to_le_bytes());
    assert_eq!(bytes, expected);

    let slice: &[i16] = &[-1, 2];
    let info = slice.constant();
    assert_eq!(info.bytes, [255, 255, 2, 0]);
    let TypeInfo::Ref { to, mutable: false } = &info.ty else {
        panic!("not a reference")
    };
    assert_eq!(**to, describe_array(scalar(ScalarTy::I16), 2));
    let array = &[1.5_f32; 2];
    assert_eq!(<&[f32; 2]>::constant(&array).bytes.len(), 8);
    assert!(matches!(Some(1_u8).constant().ty, TypeInfo::Unknown(_)));
    assert!(matches!((1, &2).constant().ty, TypeInfo::Unknown(_)));
}

#[test]
fn parameters_are_scalars_or_unknown() {
    assert_eq!(describe_param::<f32>(), scalar(ScalarTy::F32));
    assert!(matches!(describe_param::<String>(), TypeInfo::Unknown(_)));
    let mut out = ConstWriter::new(4);
    write_param(&-2_i32, &mut out);
    assert_eq!(
        out.finish(describe_param::<i32>()).bytes,
        (-2_i32).to_le_bytes()
    );
    let mut out = ConstWriter::new(8);
    write_param(&"text", &mut out);
    assert!(matches!(
        out.finish(TypeInfo::Unit).ty,
        TypeInfo::Unknown(_)
    ));
}

/// A list that refers to itself through a type that hides the reference.
struct List<'a> {
    next: &'a List<'a>,
}

// SAFETY: as the derive would write it.
unsafe impl JitType for List<'_> {
    fn describe() -> TypeInfo {
        describe_struct::<Self>(&[("next", 0, <&List<'_> as JitType>::describe)])
    }

    fn write(&self, out: &mut ConstWriter) {
        (&self.next).write(out);
    }
}

#[test]
fn structs_with_references_or_destructors_are_unknown() {
    assert!(matches!(List::describe(), TypeInfo::Unknown(_)));
    struct Dropped;
    impl Drop for Dropped {
        fn drop(&mut self) {}
    }
    assert!(matches!(
        describe_struct::<Dropped>(&[]),
        TypeInfo::Unknown(_)
    ));
}

#[test]
fn enums_are_the_integers_that_rustc_makes_of_them() {
    #[expect(dead_code)]
    enum Sign {
        Minus = -1,
        Plus = 1,
    }
    let TypeInfo::Enum(info) =
        describe_enum::<Sign>(None, &[("Minus", -1), ("Plus", 1)], (true, true))
    else {
        panic!("not an enum")
    };
    assert_eq!(info.repr, ScalarTy::I8);
    assert_eq!(info.variants, [("Minus".into(), 255), ("Plus".into(), 1)]);
    assert!(matches!(
        describe_enum::<()>(None, &[("Only", 0)], (true, true)),
        TypeInfo::Unknown(_)
    ));
}
