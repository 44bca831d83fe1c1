//! Arguments and results in memory, as compiled code sees them.

use hotloop_ir::layout::{field_offsets, layout_of};
use hotloop_ir::{Argument, Scalar, ScalarTy, Ty, Value};
use hotloop_runtime::codegen::packed::PackedArg;

/// An argument: what a slice or reference points to is between two guards.
pub(super) enum Memory {
    Scalar(u128),
    Behind {
        /// Of what a slice or reference points to; a slice points to so many.
        ty: Ty,
        count: Option<usize>,
        /// Words of 16 bytes, so that any scalar is aligned.
        words: Vec<u128>,
    },
}

/// Words before and after the elements, and what is in them.
const GUARD: usize = 4;
const GUARD_WORD: u128 = 0xA5A5_5A5A_DEAD_BEEF_0123_4567_89AB_CDEF;

impl Memory {
    /// An argument for a parameter of this type.
    pub(super) fn new(arg: &Argument, ty: &Ty) -> Result<Self, String> {
        let (ty, count, values) = match (arg, ty) {
            (Argument::Scalar(value), _) => {
                return Ok(Memory::Scalar(value.as_scalar().map_or(0, |s| s.bits)));
            }
            (Argument::Slice(values), Ty::Slice { elem, .. }) => {
                (elem, Some(values.len()), values.as_slice())
            }
            (Argument::Ref(value), Ty::Ref { to, .. }) => (to, None, std::slice::from_ref(value)),
            (arg, ty) => return Err(format!("{arg:?} for a parameter of type {ty:?}")),
        };
        let mut bytes = Vec::new();
        for value in values {
            bytes.extend(value.to_bytes().ok_or("a value without bytes")?);
        }
        let mut words = vec![GUARD_WORD; 2 * GUARD + bytes.len().div_ceil(16)];
        for (word, chunk) in words[GUARD..].iter_mut().zip(bytes.chunks(16)) {
            let mut all = word.to_le_bytes();
            all[..chunk.len()].copy_from_slice(chunk);
            *word = u128::from_le_bytes(all);
        }
        let ty = (**ty).clone();
        Ok(Memory::Behind { ty, count, words })
    }

    pub(super) fn arg(&mut self) -> PackedArg {
        match self {
            Memory::Scalar(bits) => PackedArg::Scalar(*bits),
            Memory::Behind { count, words, .. } => {
                let pointer = words[GUARD..].as_mut_ptr().cast();
                match *count {
                    Some(len) => PackedArg::Slice { pointer, len },
                    None => PackedArg::Ref(pointer),
                }
            }
        }
    }

    /// Whether an argument that was evaluated ends as this memory did.
    pub(super) fn agrees_with(&self, arg: &Argument) -> Result<(), String> {
        let Memory::Behind { ty, words, .. } = self else {
            return Ok(());
        };
        let values = match arg {
            Argument::Slice(values) => values.as_slice(),
            Argument::Ref(value) => std::slice::from_ref(value),
            Argument::Scalar(_) => return Err("a scalar for a pointer".to_owned()),
        };
        let size = size_of_ty(ty)?;
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let (before, rest) = bytes.split_at(16 * GUARD);
        let (inside, after) = rest.split_at(size * values.len());
        if size > 0 {
            for (index, (value, bytes)) in values.iter().zip(inside.chunks(size)).enumerate() {
                agrees(value, bytes, ty).map_err(|error| format!("element {index}: {error}"))?;
            }
        }
        let guard = GUARD_WORD.to_le_bytes();
        let intact = (before.iter().enumerate()).all(|(n, byte)| *byte == guard[n % 16])
            && (after.iter().rev().enumerate()).all(|(n, byte)| *byte == guard[15 - n % 16]);
        intact
            .then_some(())
            .ok_or_else(|| format!("a store outside of {} elements", values.len()))
    }
}

pub(super) fn size_of_ty(ty: &Ty) -> Result<usize, String> {
    let layout = layout_of(ty).map_err(|error| error.to_string())?;
    Ok(layout.size as usize)
}

/// Whether a value is what is in memory.
pub(super) fn agrees(value: &Value, bytes: &[u8], ty: &Ty) -> Result<(), String> {
    let found = Value::from_bytes(ty, bytes).ok_or("no value of this type")?;
    // The bytes of a `bool` are looked at: one that is neither 0 nor 1 is undefined behaviour in Rust.
    if value.agrees_with(&found) && bools_are_valid(ty, bytes) {
        Ok(())
    } else {
        Err(format!("expected {value:x?}, found {found:x?}"))
    }
}

fn bools_are_valid(ty: &Ty, bytes: &[u8]) -> bool {
    match ty {
        Ty::Scalar(ScalarTy::Bool) => bytes[0] <= 1,
        Ty::Array { elem, .. } => {
            let size = size_of_ty(elem).unwrap_or(0).max(1);
            (bytes.chunks_exact(size)).all(|bytes| bools_are_valid(elem, bytes))
        }
        Ty::Tuple(_) | Ty::Struct(_) => {
            let offsets = field_offsets(ty).unwrap_or_default();
            ty.parts().zip(offsets).all(|(part, offset)| {
                let start = offset as usize;
                let size = size_of_ty(part).unwrap_or(0);
                bools_are_valid(part, &bytes[start..start + size])
            })
        }
        Ty::Unit | Ty::Scalar(_) | Ty::Param(_) | Ty::Ref { .. } | Ty::Slice { .. } => true,
    }
}

/// The leaves of a value, tuples taken apart.
pub(super) fn flatten<'v>(value: &'v Value, out: &mut Vec<&'v Value>) {
    match value {
        Value::Unit => {}
        Value::Tuple(elems) => elems.iter().for_each(|elem| flatten(elem, out)),
        Value::Scalar(_) | Value::Array { .. } | Value::Struct { .. } | Value::Ref(_) => {
            out.push(value);
        }
    }
}

/// A scalar as a value.
pub(super) fn scalar_value(ty: ScalarTy, bits: u128) -> Value {
    Value::Scalar(Scalar::from_bits(ty, bits))
}
