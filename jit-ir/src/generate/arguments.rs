//! Random arguments.

use super::Rng;
use crate::eval::{Argument, Scalar, Value};
use crate::func::Function;
use crate::ty::{ScalarTy, Ty};

/// Arguments for a specialized function; the same for the same seed. Slices have 0 to 9 elements, often as many as
/// others; what references point to has no references itself; values are small or at the edges of the type: MIN, MAX, infinities, NaN, both zeros.
pub fn generate_arguments(func: &Function, seed: u64) -> Vec<Argument> {
    let mut rng = Rng::new(seed ^ 0x6172_6773);
    let common_len = rng.below(10);
    let params = func
        .params
        .iter()
        .filter_map(|&param| func.locals.get(param));
    let mut args = Vec::new();
    for param in params {
        args.push(match &param.ty {
            Ty::Slice { elem, .. } => {
                let len = if rng.one_in(3) {
                    rng.below(10)
                } else {
                    common_len
                };
                Argument::Slice((0..len).map(|_| random_value(&mut rng, elem)).collect())
            }
            Ty::Ref { to, .. } => Argument::Ref(random_value(&mut rng, to)),
            ty => Argument::Scalar(random_value(&mut rng, ty)),
        });
    }
    args
}

/// A value of a type without references.
pub(super) fn random_value(rng: &mut Rng, ty: &Ty) -> Value {
    match ty {
        Ty::Scalar(scalar) => random_scalar(rng, *scalar),
        Ty::Tuple(elems) => {
            Value::Tuple(elems.iter().map(|elem| random_value(rng, elem)).collect())
        }
        Ty::Array { elem, len } => Value::Array {
            elem: (**elem).clone(),
            values: (0..*len).map(|_| random_value(rng, elem)).collect(),
        },
        Ty::Struct(ty) => {
            let fields = ty.fields.iter();
            let fields = fields.map(|field| random_value(rng, &field.ty)).collect();
            let ty = ty.clone();
            Value::Struct { ty, fields }
        }
        Ty::Unit | Ty::Param(_) | Ty::Ref { .. } | Ty::Slice { .. } => Value::Unit,
    }
}

fn random_scalar(rng: &mut Rng, ty: ScalarTy) -> Value {
    let bits = match ty {
        ScalarTy::F32 => u128::from((random_float(rng, f32::MAX.into()) as f32).to_bits()),
        ScalarTy::F64 => u128::from(random_float(rng, f64::MAX).to_bits()),
        ty => match rng.below(10) {
            0 => u128::MAX,                  // MAX, or -1
            1 => 1 << (ty.bits() - 1),       // MIN, or half of MAX
            2 => (1 << (ty.bits() - 1)) - 1, // MAX, or half of it
            3 => u128::from(rng.next()) << 64 | u128::from(rng.next()),
            _ => rng.range(if ty.is_signed_int() { -12 } else { 0 }, 12) as u128,
        },
    };
    Value::Scalar(Scalar::from_bits(ty, bits))
}

fn random_float(rng: &mut Rng, greatest: f64) -> f64 {
    let edges = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        -0.0,
        greatest,
        -greatest,
        1e-40, // subnormal as `f32`
    ];
    if rng.one_in(5) {
        rng.pick(&edges).unwrap_or(0.0)
    } else {
        f64::from(rng.range(-1600, 1600)) / 64.0
    }
}
