//! Values to call functions with.

use hotloop_ir::{Argument, Function, Scalar, ScalarTy, Ty, Value};

/// A small generator of numbers (splitmix64): reproducible, and the same on every machine.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }
}

/// Values at which operations of a type change their ways.
pub(crate) fn interesting(ty: ScalarTy) -> Vec<u128> {
    let mask = u128::MAX >> (128 - ty.bits());
    match ty {
        ScalarTy::Bool => vec![0, 1],
        ScalarTy::F32 => [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            -0.5,
            1.5,
            2.5,
            -2.5,
            3.0,
            10.0,
            0.1,
            100.25,
            -7.75,
            255.0,
            256.0,
            3.0e9,
            -3.0e9,
            1.8e19,
            -1.8e19,
            3.4e38,
            f32::MAX,
            f32::MIN,
            f32::EPSILON,
            f32::MIN_POSITIVE,
            1.0e-45,
            -1.0e-40,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
            -f32::NAN,
            0.99999994,
            8388609.0,
            2147483648.0,
            -2147483648.0,
            std::f32::consts::FRAC_PI_4,
        ]
        .map(|x: f32| u128::from(x.to_bits()))
        .to_vec(),
        ScalarTy::F64 => [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            -0.5,
            1.5,
            2.5,
            -2.5,
            3.0,
            10.0,
            0.1,
            100.25,
            -7.75,
            255.0,
            256.0,
            3.0e9,
            -3.0e9,
            1.8e19,
            -1.8e19,
            3.4e38,
            f64::MAX,
            f64::MIN,
            f64::EPSILON,
            f64::MIN_POSITIVE,
            5.0e-324,
            -1.0e-310,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            -f64::NAN,
            0.9999999999999999,
            4503599627370497.0,
            9223372036854775808.0,
            -9223372036854775808.0,
            std::f64::consts::FRAC_PI_4,
        ]
        .map(|x: f64| u128::from(x.to_bits()))
        .to_vec(),
        _ => {
            let half = 1_u128 << (ty.bits() - 1);
            let mut values: Vec<u128> =
                vec![0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 16, 31, 32, 63, 64, 99, 100];
            values.extend([
                half,
                half + 1,
                half - 1,
                half >> 1,
                (half >> 1) + 1,
                half / 3,
            ]);
            values.extend((0..6).map(|less| mask - less));
            values.extend([
                mask - 9,
                mask - 31,
                mask - 63,
                mask / 3,
                1 << (ty.bits() / 2),
            ]);
            values.iter().map(|value| value & mask).collect()
        }
    }
}

/// A value of a type, often an interesting one, often a small number.
pub(crate) fn random_scalar(rng: &mut Rng, ty: ScalarTy) -> Scalar {
    let bits = match rng.below(4) {
        0 => {
            let values = interesting(ty);
            values[rng.below(values.len() as u64) as usize]
        }
        1 if !ty.is_float() => u128::from(rng.next()) << 64 | u128::from(rng.next()),
        _ => match ty {
            ScalarTy::F32 => ((rng.below(2001) as f32 - 1000.0) / 16.0).to_bits().into(),
            ScalarTy::F64 => ((rng.below(200_001) as f64 - 100_000.0) / 256.0)
                .to_bits()
                .into(),
            _ => u128::from(rng.below(12)),
        },
    };
    Scalar::from_bits(ty, bits)
}

/// A value of any type but references.
pub(crate) fn random_value(rng: &mut Rng, ty: &Ty) -> Value {
    match ty {
        Ty::Scalar(scalar) => Value::Scalar(random_scalar(rng, *scalar)),
        Ty::Array { elem, len } => Value::Array {
            elem: (**elem).clone(),
            values: (0..*len).map(|_| random_value(rng, elem)).collect(),
        },
        Ty::Tuple(elems) => Value::Tuple(elems.iter().map(|ty| random_value(rng, ty)).collect()),
        Ty::Struct(ty) => Value::Struct {
            ty: ty.clone(),
            fields: (ty.fields.iter())
                .map(|field| random_value(rng, &field.ty))
                .collect(),
        },
        Ty::Unit | Ty::Param(_) | Ty::Ref { .. } | Ty::Slice { .. } => Value::Unit,
    }
}

/// Arguments for a function. Slices are short, often of one length.
pub(crate) fn random_args(rng: &mut Rng, func: &Function) -> Vec<Argument> {
    let common = rng.below(20);
    func.params
        .iter()
        .map(|&param| match &func.locals[param].ty {
            Ty::Slice { elem, .. } => {
                let len = if rng.below(3) == 0 {
                    rng.below(20)
                } else {
                    common
                };
                Argument::Slice((0..len).map(|_| random_value(rng, elem)).collect())
            }
            Ty::Ref { to, .. } => Argument::Ref(random_value(rng, to)),
            ty => Argument::Scalar(random_value(rng, ty)),
        })
        .collect()
}
