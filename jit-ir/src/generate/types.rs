//! Random types of aggregates.

use std::sync::Arc;

use super::{Generator, Rng};
use crate::layout::layout_of;
use crate::ty::{FieldTy, ScalarTy, StructTy, Ty};

/// Two structs; the second may contain the first.
pub(super) fn random_structs(rng: &mut Rng, types: &[ScalarTy]) -> Vec<Ty> {
    let mut structs: Vec<Ty> = Vec::new();
    for n in 0..2 {
        let mut fields = Vec::new();
        for _ in 0..rng.range(1, 4) {
            let scalar = Ty::Scalar(rng.pick(types).unwrap_or(ScalarTy::U8));
            fields.push(match rng.below(5) {
                0 => Ty::Array {
                    elem: Box::new(scalar),
                    len: u64::from(rng.below(4)),
                },
                1 => structs.first().cloned().unwrap_or(scalar),
                _ => scalar,
            });
        }
        structs.push(lay_out(rng, &format!("S{n}"), fields));
    }
    structs
}

/// A struct of these fields, in any order in memory, with a gap now and then.
fn lay_out(rng: &mut Rng, name: &str, fields: Vec<Ty>) -> Ty {
    let mut order: Vec<usize> = (0..fields.len()).collect();
    for n in (1..order.len()).rev() {
        order.swap(n, rng.below(n as u32 + 1) as usize);
    }
    let mut offsets = vec![0; fields.len()];
    let (mut end, mut align) = (0u64, 1u64);
    for n in order {
        // Types of this size always have a layout.
        let Ok(layout) = layout_of(&fields[n]) else {
            continue;
        };
        if rng.one_in(8) {
            end += 1;
        }
        offsets[n] = end.next_multiple_of(layout.align);
        end = offsets[n] + layout.size;
        align = align.max(layout.align);
    }
    let named = fields.into_iter().zip(offsets).enumerate();
    let fields = named.map(|(n, (ty, offset))| FieldTy {
        name: format!("f{n}"),
        offset,
        ty,
    });
    Ty::Struct(Arc::new(StructTy {
        name: name.to_owned(),
        size: end.next_multiple_of(align),
        align,
        fields: fields.collect(),
        overlaps: false,
    }))
}

impl Generator<'_> {
    /// An array, a struct or a tuple; without references.
    pub(super) fn random_aggregate_ty(&mut self) -> Ty {
        match self.rng.below(6) {
            0 => self.random_tuple_ty(),
            1 | 2 => self.rng.pick(&self.structs).unwrap_or(Ty::BOOL),
            _ => {
                let elem = match self.rng.below(8) {
                    0 => self.random_tuple_ty(),
                    1 => self.rng.pick(&self.structs).unwrap_or(Ty::BOOL),
                    2 => Ty::Array {
                        elem: Box::new(Ty::Scalar(self.random_scalar_ty())),
                        len: 1 + u64::from(self.rng.below(3)),
                    },
                    _ => Ty::Scalar(self.random_scalar_ty()),
                };
                Ty::Array {
                    elem: Box::new(elem),
                    len: 1 + u64::from(self.rng.below(5)),
                }
            }
        }
    }
}
