//! Functions such as `sin` and `exp` where `fastmath(afn)` lets them be approximated, in forms that loops can be vectorized with: at most
//! 4 ULP off (docs/vector-math.md has what was measured).

#[allow(clippy::approx_constant, clippy::excessive_precision)]
// parts and rounded values are what is meant
mod exp;
pub(crate) mod lanes;
#[allow(clippy::approx_constant, clippy::excessive_precision)]
// parts and rounded values are what is meant
mod log;
mod math;
mod platform;
#[allow(clippy::approx_constant, clippy::excessive_precision)]
// parts and rounded values are what is meant
mod pow;
mod power;
mod powi;
#[allow(clippy::approx_constant, clippy::excessive_precision)]
// parts and rounded values are what is meant
pub(super) mod trig;

use std::cell::{Cell, RefCell};

use hotloop_ir::{Intrinsic, ScalarTy};
use inkwell::attributes::AttributeLoc;
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::values::{FunctionValue, PointerValue};

use super::declare::attribute;
use super::{CodegenError, Emitter, Result, Value};
use crate::cpu::{self, CpuLevel};
use math::Math;

/// LLVM's list of what it must not drop.
const KEPT: &str = "llvm.compiler.used";

/// What a program's calls of library functions became.
pub(crate) struct MathCalls {
    /// The functions that are called one number at a time, sorted.
    pub(crate) scalar: Vec<&'static str>,
    /// Whether some have a vector form.
    pub(crate) vectors: bool,
}

/// What is gathered while a program is emitted.
#[derive(Default)]
pub(super) struct VectorMath<'ctx> {
    /// The declarations that only the loop vectorizer will call.
    kept: RefCell<Vec<PointerValue<'ctx>>>,
    /// The library functions that are called one number at a time, sorted.
    scalar: RefCell<Vec<&'static str>>,
    vectors: Cell<bool>,
    /// What is compiled for.
    pub(super) level: CpuLevel,
}

impl<'ctx> VectorMath<'ctx> {
    /// For a program that is compiled for this.
    pub(super) fn new(level: CpuLevel) -> Self {
        VectorMath {
            level,
            ..VectorMath::default()
        }
    }

    fn keep(&self, function: FunctionValue<'ctx>) {
        let address = function.as_global_value().as_pointer_value();
        let mut kept = self.kept.borrow_mut();
        if !kept.contains(&address) {
            kept.push(address);
        }
    }

    /// Notes that a loop that calls this function stays scalar.
    fn note_scalar(&self, symbol: &'static str) {
        let mut scalar = self.scalar.borrow_mut();
        if let Err(index) = scalar.binary_search(&symbol) {
            scalar.insert(index, symbol);
        }
    }

    /// Ends the program: LLVM is kept from dropping declarations that nothing calls yet.
    pub(super) fn finish(&self, context: &'ctx Context, module: &Module<'ctx>) -> MathCalls {
        let kept = self.kept.borrow();
        if !kept.is_empty() {
            let list = context.ptr_type(Default::default()).const_array(&kept);
            let global = module.add_global(list.get_type(), None, KEPT);
            global.set_linkage(Linkage::Appending);
            global.set_section(Some("llvm.metadata"));
            global.set_initializer(&list);
        }
        MathCalls {
            scalar: self.scalar.take(),
            vectors: self.vectors.get(),
        }
    }
}

/// The symbols of the C library for a function, for `f32` and `f64`, where std's method is that function.
fn library_names(intrinsic: Intrinsic) -> Option<(&'static str, &'static str)> {
    Some(match intrinsic {
        Intrinsic::Powf => ("powf", "pow"),
        Intrinsic::Exp => ("expf", "exp"),
        Intrinsic::Exp2 => ("exp2f", "exp2"),
        Intrinsic::Ln => ("logf", "log"),
        Intrinsic::Log2 => ("log2f", "log2"),
        Intrinsic::Log10 => ("log10f", "log10"),
        Intrinsic::Sin => ("sinf", "sin"),
        Intrinsic::Cos => ("cosf", "cos"),
        Intrinsic::Cbrt => ("cbrtf", "cbrt"),
        Intrinsic::Hypot => ("hypotf", "hypot"),
        Intrinsic::ExpM1 => ("expm1f", "expm1"),
        Intrinsic::Ln1p => ("log1pf", "log1p"),
        Intrinsic::Tan => ("tanf", "tan"),
        Intrinsic::Asin => ("asinf", "asin"),
        Intrinsic::Acos => ("acosf", "acos"),
        Intrinsic::Atan => ("atanf", "atan"),
        Intrinsic::Atan2 => ("atan2f", "atan2"),
        Intrinsic::Sinh => ("sinhf", "sinh"),
        Intrinsic::Cosh => ("coshf", "cosh"),
        Intrinsic::Tanh => ("tanhf", "tanh"),
        Intrinsic::Asinh => ("asinhf", "asinh"),
        Intrinsic::Acosh => ("acoshf", "acosh"),
        Intrinsic::Atanh => ("atanhf", "atanh"),
        _ => return None,
    })
}

/// Says that a function computes its result from its arguments alone.
pub(super) fn mark_pure(context: &Context, function: FunctionValue<'_>) {
    // `memory(none)` is the encoding 0; that libm may set `errno` is of no interest here.
    for name in ["memory", "nounwind", "willreturn", "nofree", "nosync"] {
        function.add_attribute(AttributeLoc::Function, attribute(context, name, 0));
    }
}

/// Whether there is a polynomial for a function.
fn has_polynomial(intrinsic: Intrinsic) -> bool {
    matches!(
        intrinsic,
        Intrinsic::Powf
            | Intrinsic::Exp
            | Intrinsic::Exp2
            | Intrinsic::Ln
            | Intrinsic::Log2
            | Intrinsic::Log10
            | Intrinsic::Sin
            | Intrinsic::Cos
            | Intrinsic::ExpM1
            | Intrinsic::Ln1p
            | Intrinsic::Tan
            | Intrinsic::Sinh
            | Intrinsic::Cosh
            | Intrinsic::Tanh
    )
}

impl<'ctx> Emitter<'ctx, '_> {
    /// The call in a form that can be vectorized, if the function may be approximated and there is one: a polynomial, or else the platform's.
    pub(super) fn emit_vector_math(
        &self,
        intrinsic: Intrinsic,
        ty: ScalarTy,
        args: &[Value<'ctx>],
    ) -> Result<Option<Value<'ctx>>> {
        let Some((single, double)) = library_names(intrinsic) else {
            return Ok(None);
        };
        let math = &self.program.math;
        let symbol = if ty == ScalarTy::F32 { single } else { double };
        let approximates = self.func.fastmath.afn;
        // The polynomials rely on operations that round once.
        if approximates && has_polynomial(intrinsic) && cpu::target(math.level).fma {
            math.vectors.set(true);
            let function = self.polynomial(intrinsic, ty, symbol)?;
            return self.call(function, args).map(Some);
        }
        if !approximates || !platform::has_variants(symbol, ty.bits(), args.len(), math.level) {
            math.note_scalar(symbol);
            return Ok(None);
        }
        math.vectors.set(true);
        let value = self.call_symbol(symbol, ty, args)?;
        let value = self.with_flags(super::float(value)?)?;
        self.name_platform_variants(value, symbol)?;
        Ok(Some(value))
    }

    /// The function of this program that computes a polynomial. It becomes part of all that call it.
    fn polynomial(
        &self,
        intrinsic: Intrinsic,
        ty: ScalarTy,
        symbol: &str,
    ) -> Result<FunctionValue<'ctx>> {
        let name = format!("hotloop.math.{symbol}");
        if let Some(function) = self.module.get_function(&name) {
            return Ok(function);
        }
        let float = self.float_type(ty);
        let params = vec![float.into(); intrinsic.info().args.len()];
        let signature = float.fn_type(&params, false);
        let function = (self.module).add_function(&name, signature, Some(Linkage::Internal));
        mark_pure(self.context, function);
        let inline = attribute(self.context, "alwaysinline", 0);
        function.add_attribute(AttributeLoc::Function, inline);

        let builder = self.context.create_builder();
        builder.position_at_end(self.context.append_basic_block(function, "entry"));
        let math = Math::new(self.context, self.module, builder, ty);
        let x = super::float(super::declare::param(function, 0)?)?;
        let limit = math.pick(trig::LIMIT_F32, trig::LIMIT_F64);
        let beyond = |value| math.beyond(&self.program.math, x, (limit, symbol), value);
        let value = match intrinsic {
            Intrinsic::Powf => math.pow(x, super::float(super::declare::param(function, 1)?)?)?,
            Intrinsic::Exp => math.exp(x),
            Intrinsic::Exp2 => math.exp2(x),
            Intrinsic::Ln => math.ln(x),
            Intrinsic::Log2 => math.log2(x),
            Intrinsic::Log10 => math.log10(x),
            Intrinsic::Sin => beyond(math.sin(x))?,
            Intrinsic::Cos => beyond(math.cos(x))?,
            Intrinsic::Tan => beyond(math.tan(x))?,
            Intrinsic::ExpM1 => math.exp_m1(x),
            Intrinsic::Ln1p => math.ln_1p(x),
            Intrinsic::Sinh => math.sinh(x),
            Intrinsic::Cosh => math.cosh(x),
            Intrinsic::Tanh => math.tanh(x),
            _ => return Err(CodegenError::bug("a function without a polynomial")),
        };
        math.builder.build_return(Some(&value))?;
        math.finish()?;
        Ok(function)
    }
}
