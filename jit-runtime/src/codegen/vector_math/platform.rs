//! The platform's vector functions: glibc's libmvec on x86-64 and AArch64, at most 4 ULP off.
//!
//! A call of `sin` names its variants in the attribute `vector-function-abi-variant`; LLVM's loop vectorizer calls the one for its width.
//! The names are those of the vector function ABI, `_ZGV`, instruction set, `N` (no mask), lanes, a `v` for each argument.

use inkwell::attributes::AttributeLoc;
use inkwell::types::{BasicMetadataTypeEnum, BasicTypeEnum, FloatType};
use inkwell::values::{BasicValue, CallSiteValue, FunctionValue};

use super::super::{CodegenError, Emitter, Result, Value};
use crate::cpu::{self, CpuLevel};

/// LLVM's number of the calling convention that vector functions have on AArch64.
const AARCH64_VECTOR_CALL: u32 = 97;

/// An instruction set's vectors: its letter in the names of variants, and the bits of a vector.
struct Width {
    letter: char,
    bits: u32,
}

/// The widths that there are, narrowest first.
fn widths(level: CpuLevel) -> Vec<Width> {
    if cfg!(target_arch = "aarch64") {
        return vec![Width {
            letter: 'n',
            bits: 128,
        }];
    }
    let has = |feature: &str| level.has(feature);
    let mut widths = Vec::new();
    let mut add = |letter, bits| widths.push(Width { letter, bits });
    if has("sse4.1") || has("sse2") {
        add('b', 128);
    }
    if has("avx2") {
        add('d', 256);
    } else if has("avx") {
        add('c', 256);
    }
    if has("avx512f") {
        add('e', 512);
    }
    widths
}

/// A vector variant of a library function.
struct Variant {
    name: String,
    lanes: u32,
}

/// Whether the platform has vector variants of a function.
pub(super) fn has_variants(symbol: &str, elem_bits: u32, arity: usize, level: CpuLevel) -> bool {
    !variants(symbol, elem_bits, arity, level).is_empty()
}

/// The variants of a function of the C library that the platform really has.
fn variants(symbol: &str, elem_bits: u32, arity: usize, level: CpuLevel) -> Vec<Variant> {
    let Some(library) = cpu::vector_math_library() else {
        return Vec::new();
    };
    let named = |width: Width| {
        let lanes = width.bits / elem_bits;
        let name = format!("_ZGV{}N{lanes}{}_{symbol}", width.letter, "v".repeat(arity));
        Variant { name, lanes }
    };
    let is_there = |variant: &Variant| library.symbol(&variant.name).is_some();
    widths(level)
        .into_iter()
        .map(named)
        .filter(is_there)
        .collect()
}

impl<'ctx> Emitter<'ctx, '_> {
    /// Lets vectorized loops call the platform's variants of `symbol` instead of the function that `value` is a call of.
    pub(super) fn name_platform_variants(&self, value: Value<'ctx>, symbol: &str) -> Result<()> {
        let call = value
            .as_instruction_value()
            .and_then(|call| CallSiteValue::try_from(call).ok());
        let Some(call) = call else {
            return Ok(());
        };
        let BasicTypeEnum::FloatType(elem) = value.get_type() else {
            return Err(CodegenError::bug("a library function of no floats"));
        };
        let arity = call.count_arguments() as usize;
        let variants = variants(symbol, elem.get_bit_width(), arity, self.program.math.level);
        if variants.is_empty() {
            return Ok(());
        }
        for variant in &variants {
            let function = self.declare_variant(elem, variant, arity);
            self.program.math.keep(function);
        }
        let names: Vec<&str> = variants.iter().map(|variant| &*variant.name).collect();
        let attribute = self
            .context
            .create_string_attribute("vector-function-abi-variant", &names.join(","));
        call.add_attribute(AttributeLoc::Function, attribute);
        Ok(())
    }

    fn declare_variant(
        &self,
        elem: FloatType<'ctx>,
        variant: &Variant,
        arity: usize,
    ) -> FunctionValue<'ctx> {
        if let Some(function) = self.module.get_function(&variant.name) {
            return function;
        }
        let vector = elem.vec_type(variant.lanes);
        let params: Vec<BasicMetadataTypeEnum<'ctx>> = vec![vector.into(); arity];
        let ty = vector.fn_type(&params, false);
        let function = self.module.add_function(&variant.name, ty, None);
        super::mark_pure(self.context, function);
        if cfg!(target_arch = "aarch64") {
            function.set_call_conventions(AARCH64_VECTOR_CALL);
        }
        function
    }
}
