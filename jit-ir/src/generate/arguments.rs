//! Random arguments.

use super::Rng;
use crate::eval::{Argument, Scalar, Value};
use crate::func::Function;
use crate::ty::{ScalarTy, Ty};

/// Arguments for a specialized function; the same for the same seed. Slices have 0 to 9 elements, often as many as
/// others; values are small or at the edges of the type: MIN, MAX, infinities, NaN, both zeros.
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
                let elem = elem.as_scalar().unwrap_or(ScalarTy::Bool);
                Argument::Slice((0..len).map(|_| random_value(&mut rng, elem)).collect())
            }
            ty => {
                let ty = ty.as_scalar().unwrap_or(ScalarTy::Bool);
                Argument::Scalar(random_value(&mut rng, ty))
            }
        });
    }
    args
}

fn random_value(rng: &mut Rng, ty: ScalarTy) -> Value {
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
