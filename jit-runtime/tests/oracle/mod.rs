//! Compares compiled functions with the evaluator.

#![allow(dead_code)] // Each test binary uses a part.

use hotloop_ir::{
    Argument, EvalError, ExprKind, Function, Intrinsic, Outcome, Program, Scalar, ScalarTy, Ty,
    Value, eval,
};
use hotloop_runtime::codegen::CodegenError;
use hotloop_runtime::codegen::abi::{EntryLayout, PackedEntry};
use hotloop_runtime::codegen::packed::{PackedArg, PackedOutcome, call_packed};
use hotloop_runtime::object::{LoadedObject, load_object};
use hotloop_runtime::pipeline::{CompileRequest, compile};
use hotloop_runtime::symbols;

/// How much the evaluator may do for one call.
const FUEL: u64 = 200_000;

/// A function, compiled and loaded.
pub(crate) struct Compiled<'f> {
    func: &'f Function,
    program: Program,
    layout: EntryLayout,
    entry: PackedEntry,
    _code: LoadedObject,
}

/// What came of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// Both returned, and agree.
    Returned,
    /// Both trapped, and agree.
    Trapped,
    /// The evaluator has no answer in the time given.
    NoAnswer,
    /// They differ where Rust leaves it open: the sign of a zero from `min` or `max`, the bits of a NaN.
    Open,
}

impl<'f> Compiled<'f> {
    /// `None` if there is no code for such a function yet.
    pub(crate) fn try_new(func: &'f Function) -> Result<Option<Self>, String> {
        match EntryLayout::of(func) {
            Err(CodegenError::Unsupported(_)) => Ok(None),
            _ => Self::new(func).map(Some),
        }
    }

    pub(crate) fn new(func: &'f Function) -> Result<Self, String> {
        let request = CompileRequest {
            packed_entry: true,
            verify_llvm: true,
            ..CompileRequest::default()
        };
        let program = Program {
            functions: vec![func.clone()],
            hosts: Vec::new(),
        };
        let object = compile(&program, &request).map_err(|error| error.to_string())?;
        let code =
            load_object(&object.bytes, &symbols::resolve).map_err(|error| error.to_string())?;
        let symbol = object.packed_symbol.ok_or("no packed entry")?;
        let address = code
            .symbol(&symbol)
            .ok_or("no symbol of the packed entry")?;
        Ok(Compiled {
            func,
            program,
            layout: EntryLayout::of(func).map_err(|error| error.to_string())?,
            // SAFETY: the symbol is that of a packed entry point.
            entry: unsafe { std::mem::transmute::<*const (), PackedEntry>(address) },
            _code: code,
        })
    }

    /// Runs both with these arguments. The error says how they differ.
    pub(crate) fn check(&self, args: &[Argument]) -> Result<Checked, String> {
        let mut evaluated = args.to_vec();
        let expected = match eval(self.func, &mut evaluated, FUEL) {
            Ok(outcome) => outcome,
            Err(EvalError::OutOfFuel | EvalError::ReadBeforeInit { .. } | EvalError::ZeroStep) => {
                return Ok(Checked::NoAnswer);
            }
            Err(error) => return Err(format!("the evaluator fails: {error}")),
        };
        let mut memory: Vec<Memory> = args.iter().map(Memory::new).collect();
        let packed: Vec<PackedArg> = memory.iter_mut().map(Memory::arg).collect();
        // SAFETY: the layout is the function's, the slices are in memory of their own.
        let outcome = unsafe { call_packed(self.entry, &self.layout, &packed) }
            .ok_or("the arguments do not fit the layout")?;
        let result = self.agree(&expected, &outcome).and_then(|checked| {
            for (memory, arg) in memory.iter().zip(&evaluated) {
                memory.agrees_with(arg)?;
            }
            Ok(checked)
        });
        match result {
            Err(_) if leaves_open(self.func) => Ok(Checked::Open),
            other => other,
        }
    }

    fn agree(&self, expected: &Outcome, outcome: &PackedOutcome) -> Result<Checked, String> {
        let differ = || format!("expected {expected:x?}, found {outcome:x?}");
        match (expected, outcome) {
            (Outcome::Return(value), PackedOutcome::Returned(bits)) => {
                let mut scalars = Vec::new();
                flatten(value, &mut scalars);
                let agree = scalars.len() == bits.len()
                    && scalars.iter().zip(bits).all(|(scalar, &bits)| {
                        // A `bool` must be 0 or 1, so look at all bits of it.
                        (scalar.ty != ScalarTy::Bool || bits <= 1)
                            && scalar.agrees_with(Scalar::from_bits(scalar.ty, bits))
                    });
                agree.then_some(Checked::Returned).ok_or_else(differ)
            }
            (Outcome::Trap { site, operands }, PackedOutcome::Trapped(status, payload)) => {
                let agree = self.program.site_of_status(*status) == Some((0, *site))
                    && operands
                        .iter()
                        .zip(payload.operands)
                        .all(|(&expected, found)| expected == found || are_nans(expected, found));
                agree.then_some(Checked::Trapped).ok_or_else(differ)
            }
            _ => Err(differ()),
        }
    }
}

/// Whether both are the bits of NaNs of one width: which NaN an operand is is open.
fn are_nans(lhs: u128, rhs: u128) -> bool {
    let nan_of = |bits: u128| match (u32::try_from(bits), u64::try_from(bits)) {
        (Ok(bits), _) => f32::from_bits(bits).is_nan(),
        (_, Ok(bits)) => f64::from_bits(bits).is_nan(),
        _ => false,
    };
    nan_of(lhs) && nan_of(rhs)
}

fn flatten(value: &Value, out: &mut Vec<Scalar>) {
    match value {
        Value::Unit => {}
        Value::Scalar(scalar) => out.push(*scalar),
        Value::Tuple(elems) => elems.iter().for_each(|elem| flatten(elem, out)),
    }
}

/// Whether the function can see something that Rust leaves open.
fn leaves_open(func: &Function) -> bool {
    func.exprs.iter().any(|(_, expr)| match &expr.kind {
        ExprKind::Call {
            intrinsic, args, ..
        } => {
            let is_float = args
                .first()
                .and_then(|&arg| func.exprs[arg].ty.as_scalar())
                .is_some_and(ScalarTy::is_float);
            match intrinsic {
                Intrinsic::Min | Intrinsic::Max => is_float,
                Intrinsic::ToBits
                | Intrinsic::Copysign
                | Intrinsic::IsSignPositive
                | Intrinsic::IsSignNegative => true,
                _ => false,
            }
        }
        _ => false,
    })
}

/// An argument as compiled code sees it: the elements of a slice between two guards.
enum Memory {
    Scalar(u128),
    Slice {
        ty: ScalarTy,
        len: usize,
        /// Words of 16 bytes, so that any scalar is aligned.
        words: Vec<u128>,
    },
}

/// Words before and after the elements, and what is in them.
const GUARD: usize = 4;
const GUARD_WORD: u128 = 0xA5A5_5A5A_DEAD_BEEF_0123_4567_89AB_CDEF;

impl Memory {
    fn new(arg: &Argument) -> Self {
        match arg {
            Argument::Scalar(value) => Memory::Scalar(value.as_scalar().map_or(0, |s| s.bits)),
            Argument::Slice(values) => {
                let scalars: Vec<Scalar> = values.iter().filter_map(Value::as_scalar).collect();
                let ty = scalars.first().map_or(ScalarTy::U8, |scalar| scalar.ty);
                let bytes = scalars.len() * ty.size_bytes();
                let mut words = vec![GUARD_WORD; 2 * GUARD + bytes.div_ceil(16)];
                for (index, scalar) in scalars.iter().enumerate() {
                    let (word, shift) = Self::position(ty, index);
                    let mask = u128::MAX >> (128 - ty.bits());
                    words[word] = words[word] & !(mask << shift) | scalar.bits << shift;
                }
                let len = scalars.len();
                Memory::Slice { ty, len, words }
            }
        }
    }

    /// The word that holds an element, and how far it is shifted there. Machines are little-endian.
    fn position(ty: ScalarTy, index: usize) -> (usize, u32) {
        let byte = index * ty.size_bytes();
        (GUARD + byte / 16, 8 * (byte % 16) as u32)
    }

    fn arg(&mut self) -> PackedArg {
        match self {
            Memory::Scalar(bits) => PackedArg::Scalar(*bits),
            Memory::Slice { len, words, .. } => PackedArg::Slice {
                pointer: words[GUARD..].as_mut_ptr().cast(),
                len: *len,
            },
        }
    }

    fn agrees_with(&self, arg: &Argument) -> Result<(), String> {
        let (Memory::Slice { ty, len, words }, Argument::Slice(values)) = (self, arg) else {
            return Ok(());
        };
        let mut rest = words.clone();
        for (index, value) in values.iter().enumerate() {
            let (word, shift) = Self::position(*ty, index);
            let mask = u128::MAX >> (128 - ty.bits());
            let bits = words[word] >> shift & mask;
            let found = Scalar::from_bits(*ty, bits);
            let is_bool = *ty != ScalarTy::Bool || bits <= 1;
            if !is_bool || !value.agrees_with(&Value::Scalar(found)) {
                return Err(format!(
                    "element {index}: expected {value:x?}, found {found:x?}"
                ));
            }
            rest[word] = rest[word] & !(mask << shift) | GUARD_WORD & (mask << shift);
        }
        let intact = rest.iter().all(|&word| word == GUARD_WORD);
        let error = || format!("a store outside of a slice of {len}");
        intact.then_some(()).ok_or_else(error)
    }
}

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

/// Arguments for a function. Slices are short, often of one length.
pub(crate) fn random_args(rng: &mut Rng, func: &Function) -> Vec<Argument> {
    let common = rng.below(20);
    func.params
        .iter()
        .map(|&param| match &func.locals[param].ty {
            Ty::Slice { elem, .. } => {
                let ty = elem.as_scalar().unwrap_or(ScalarTy::U8);
                let len = if rng.below(3) == 0 {
                    rng.below(20)
                } else {
                    common
                };
                let values = (0..len).map(|_| Value::Scalar(random_scalar(rng, ty)));
                Argument::Slice(values.collect())
            }
            ty => {
                let ty = ty.as_scalar().unwrap_or(ScalarTy::U8);
                Argument::Scalar(Value::Scalar(random_scalar(rng, ty)))
            }
        })
        .collect()
}
