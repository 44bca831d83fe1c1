//! Functions such as `sin` and `exp` where `fastmath(afn)` lets them be approximated, in forms that loops can be vectorized with: at most
//! 4 ULP off (docs/vector-math.md has what was measured).

mod platform;

use std::cell::{Cell, RefCell};

use hotloop_ir::{Intrinsic, ScalarTy};
use inkwell::attributes::AttributeLoc;
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::values::{FunctionValue, PointerValue};

use super::declare::attribute;
use super::intrinsics::Call;
use super::{Emitter, Result, Value};

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
}

impl<'ctx> VectorMath<'ctx> {
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
            let global = module.add_global(list.get_type(), None, "llvm.compiler.used");
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

impl<'ctx> Emitter<'ctx, '_> {
    /// The call in a form that can be vectorized, if the function may be approximated and there is one.
    pub(super) fn emit_vector_math(&self, call: &Call<'ctx, '_>) -> Result<Option<Value<'ctx>>> {
        let Some((single, double)) = library_names(call.intrinsic) else {
            return Ok(None);
        };
        let symbol = if call.ty == ScalarTy::F32 {
            single
        } else {
            double
        };
        if !self.func.fastmath.afn
            || !platform::has_variants(symbol, call.ty.bits(), call.args.len())
        {
            self.program.math.note_scalar(symbol);
            return Ok(None);
        }
        let value = self.call_symbol(symbol, call.ty, &call.args)?;
        let value = self.with_flags(super::float(value)?)?;
        self.name_platform_variants(value, symbol)?;
        self.program.math.vectors.set(true);
        Ok(Some(value))
    }
}
