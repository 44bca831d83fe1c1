//! The numeric methods of std. What vectorizes is LLVM's own intrinsic or plain arithmetic; library functions are the very
//! symbols that rustc's std calls; the rest are bridges to std itself (`crate::symbols`).

mod float;
mod int;
mod order;
mod overflow;
mod pow;

#[cfg(test)]
pub(crate) use float::symbol_names;

use hotloop_ir::{ExprId, Intrinsic, ScalarTy, SiteId, Ty};
use inkwell::types::{BasicMetadataTypeEnum, BasicType};

use super::declare::attribute;
use super::vector_math::mark_pure;
use super::{CodegenError, Emitter, Result, Value, int};

/// A call of an intrinsic whose arguments have been evaluated.
pub(super) struct Call<'ctx, 'f> {
    pub(super) intrinsic: Intrinsic,
    /// The type that has the method.
    pub(super) ty: ScalarTy,
    pub(super) args: Vec<Value<'ctx>>,
    /// The arguments as expressions, for what is better with constants.
    pub(super) exprs: &'f [ExprId],
    pub(super) site: Option<SiteId>,
}

impl<'ctx> Call<'ctx, '_> {
    /// An argument; the receiver is the first.
    pub(super) fn arg(&self, index: usize) -> Result<Value<'ctx>> {
        self.args.get(index).copied().ok_or_else(|| {
            CodegenError::bug(format!(
                "`{}` with too few arguments",
                self.intrinsic.name()
            ))
        })
    }

    /// An argument that is an integer.
    pub(super) fn int(&self, index: usize) -> Result<inkwell::values::IntValue<'ctx>> {
        int(self.arg(index)?)
    }

    /// Where it traps, for a method that may in every profile.
    pub(super) fn needed_site(&self) -> Result<SiteId> {
        self.site
            .ok_or_else(|| CodegenError::bug(format!("`{}` without a site", self.intrinsic.name())))
    }

    /// A method that the table does not give to this type.
    pub(super) fn unknown<T>(&self) -> Result<T> {
        Err(CodegenError::bug(format!(
            "`{}` of {}",
            self.intrinsic.name(),
            self.ty
        )))
    }
}

impl<'ctx> Emitter<'ctx, '_> {
    /// Evaluates the arguments in order, then calls the method.
    pub(super) fn emit_intrinsic(
        &mut self,
        intrinsic: Intrinsic,
        exprs: &[ExprId],
        site: Option<SiteId>,
        result: &Ty,
    ) -> Result<Value<'ctx>> {
        let ty = match (intrinsic, exprs.first()) {
            (Intrinsic::FromBits, _) => result
                .as_scalar()
                .ok_or_else(|| CodegenError::bug("`from_bits` of no float"))?,
            (_, Some(&receiver)) => self.expr_scalar(receiver)?,
            (_, None) => return Err(CodegenError::bug("a method without a receiver")),
        };
        let mut args = Vec::with_capacity(exprs.len());
        for &expr in exprs {
            args.push(self.emit_expr(expr)?);
        }
        let call = Call {
            intrinsic,
            ty,
            args,
            exprs,
            site,
        };
        if !intrinsic.info().class.contains(ty) || call.args.len() != intrinsic.info().args.len() {
            return call.unknown();
        }
        if let Some(value) = self.emit_order_method(&call)? {
            return Ok(value);
        }
        match ty {
            ScalarTy::F32 | ScalarTy::F64 => self.emit_float_method(&call),
            ScalarTy::Bool => call.unknown(),
            _ => self.emit_int_method(&call),
        }
    }

    /// Calls a function of `crate::symbols` that computes its result from its arguments alone.
    pub(super) fn call_symbol(
        &self,
        name: &str,
        result: ScalarTy,
        args: &[Value<'ctx>],
    ) -> Result<Value<'ctx>> {
        let function = match self.module.get_function(name) {
            Some(function) => function,
            None => {
                let params: Vec<BasicMetadataTypeEnum<'ctx>> =
                    args.iter().map(|arg| arg.get_type().into()).collect();
                let ty = self.register_type(result).fn_type(&params, false);
                let function = self.module.add_function(name, ty, None);
                mark_pure(self.context, function);
                function
            }
        };
        self.call(function, args)
    }
}
