//! The frame of a function: the memory of its locals, its arguments and its results.

use std::collections::HashSet;

use hotloop_ir::analysis::narrowing::mixed_loops;
use hotloop_ir::analysis::outline;
use hotloop_ir::func::FIRST_SPECIAL_STATUS;
use hotloop_ir::{ExprKind, Function, LocalId, Place, Program, Projection, Span, Ty};
use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::values::{BasicValue, IntValue};

use super::abi::{STATUS_BUG, STATUS_OK};
use super::declare::{Callee, Returns, declare_program, emit_deferred, param};
use super::locations::{DebugModule, Locations, Position};
use super::vector_math::MathCalls;
use super::{CodegenError, Emitter, Result, Value, fastmath, int, layout, pointer};
use crate::cpu::CpuLevel;

/// Emits a specialized, verified program into `module`; its function `root` under the name `symbol`, the others for it alone. Where it is
/// asked for, instructions say where they come from.
pub(crate) fn emit_program<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    program: &Program,
    (symbol, root): (&str, usize),
    locations: Locations,
    level: CpuLevel,
) -> Result<MathCalls> {
    let declared = declare_program(context, module, program, symbol, root, level)?;
    let loops = outline(program);
    let mut mixed = mixed_loops(program).into_iter();
    let reached = program.reached_from(root);
    let table = locations == Locations::Table;
    let debug = (locations != Locations::None).then(|| DebugModule::new(context, module, table));
    let mut first_status = STATUS_OK + 1;
    for (number, (func, callee)) in (program.functions.iter().zip(&declared.functions)).enumerate()
    {
        let mixed = mixed.next().unwrap_or_default();
        let next_status = u32::try_from(func.sites.len())
            .ok()
            .and_then(|sites| first_status.checked_add(sites))
            .filter(|&status| status < FIRST_SPECIAL_STATUS)
            .ok_or_else(|| CodegenError::Unsupported("so many trap sites".into()))?;
        if !reached[number] {
            // SAFETY: functions that call it are not emitted either.
            unsafe { callee.function.delete() };
            first_status = next_status;
            continue;
        }
        if func.deferred.is_some() {
            emit_deferred(context, module, callee, number)?;
            first_status = next_status;
            continue;
        }
        let mut emitter = Emitter {
            context,
            module,
            builder: context.create_builder(),
            frame: context.create_builder(),
            program: &declared,
            func,
            first_status,
            function: callee.function,
            returns: callee.returns,
            locals: Vec::with_capacity(func.locals.len()),
            borrowed: borrowed_locals(func),
            temporaries: Default::default(),
            tables: Default::default(),
            results: Vec::new(),
            payload: context.ptr_type(Default::default()).const_null(),
            targets: Vec::new(),
            float_flags: fastmath::flags(func.fastmath),
            checks: Default::default(),
            made: Default::default(),
            made_bounds: Default::default(),
            position: Position {
                numbers: (loops.iter().enumerate())
                    .filter(|(_, outline)| outline.function == number)
                    .map(|(index, outline)| (outline.label, index))
                    .collect(),
                debug: (debug.as_ref()).map(|debug| (debug, debug.function(func, callee.function))),
                mixed,
                scopes: Vec::new(),
                span: Span::UNKNOWN,
            },
        };
        emitter.locate_stmt(Span::UNKNOWN);
        let body = emitter.emit_frame(callee)?;
        emitter.emit_block(&func.body)?;
        emitter.emit_end()?;
        emitter.frame.build_unconditional_branch(body)?;
        first_status = next_status;
    }
    if let Some(debug) = debug {
        debug.finish();
    }
    Ok(declared.math.finish(context, module))
}

/// The locals that a reference or a slice may point into.
fn borrowed_locals(func: &Function) -> HashSet<LocalId> {
    let mut borrowed = HashSet::new();
    for (_, expr) in func.exprs.iter() {
        let (ExprKind::Borrow(place) | ExprKind::SubSlice { base: place, .. }) = &expr.kind else {
            continue;
        };
        if is_inside_local(func, place) {
            borrowed.insert(place.local);
        }
    }
    borrowed
}

/// Whether a place is in the memory of its local, and not behind a reference or slice.
fn is_inside_local(func: &Function, place: &Place) -> bool {
    let Some(local) = func.locals.get(place.local) else {
        return true;
    };
    let mut ty = &local.ty;
    for projection in &place.projections {
        ty = match (projection, ty) {
            (Projection::Deref, _) | (Projection::Index { .. }, Ty::Slice { .. }) => return false,
            (Projection::Index { .. }, Ty::Array { elem, .. }) => elem,
            (Projection::Field(field), ty) => match layout::field(ty, *field) {
                Ok(field) => field.ty,
                Err(_) => return true,
            },
            (Projection::Index { .. }, _) => return true,
        };
    }
    true
}

impl<'ctx> Emitter<'ctx, '_> {
    /// Starts the function: the entry block gets memory for all locals, and a block for the body the parameters' values in theirs. The entry
    /// block is left open, for what the body allocates.
    fn emit_frame(&mut self, callee: &Callee<'ctx>) -> Result<BasicBlock<'ctx>> {
        self.frame.position_at_end(self.append_block("entry"));
        let body = self.append_block("start");
        self.builder.position_at_end(body);
        if let Returns::Pointers = self.returns {
            let first = callee.layout.args.len();
            for index in first..first + callee.layout.results.len() {
                self.results.push(pointer(param(self.function, index)?)?);
            }
        }
        for (id, local) in self.func.locals.iter() {
            let address = match self.results.first() {
                Some(&result) if callee.returned == Some(id) => result,
                _ => self.allocate(&local.ty, local.name.trim_start_matches('$'))?,
            };
            self.locals.push(address);
        }
        let mut next = 0;
        let mut take = || {
            next += 1;
            param(self.function, next - 1)
        };
        for &local in &self.func.params {
            let address = self.local_address(local.index())?;
            match &self.func.locals[local].ty {
                Ty::Slice { .. } => {
                    self.builder.build_store(address, take()?)?;
                    let length = self.offset(address, 8)?;
                    self.builder.build_store(length, take()?)?;
                }
                // A `bool` is a byte both as an argument and in memory.
                _ => {
                    self.builder.build_store(address, take()?)?;
                }
            }
        }
        let last = self.function.count_params().saturating_sub(1);
        self.payload = pointer(param(self.function, last as usize)?)?;
        Ok(body)
    }

    /// The end of the body: returns if the result is `()`; is never reached otherwise, which rustc has checked.
    fn emit_end(&self) -> Result<()> {
        if self.func.result == Ty::Unit {
            return self.emit_return(None);
        }
        self.leave(self.status(STATUS_BUG))
    }

    /// Returns normally, with the leaves of `value` as the result.
    pub(super) fn emit_return(&self, value: Option<(Value<'ctx>, &Ty)>) -> Result<()> {
        let mut parts = Vec::new();
        if let Some((value, ty)) = value {
            for leaf in layout::leaves(ty)? {
                let part = match ty {
                    Ty::Tuple(_) => {
                        let at = self.offset(pointer(value)?, leaf.offset)?;
                        self.load(at, leaf.ty)?
                    }
                    _ => value,
                };
                parts.push((part, leaf.ty));
            }
        }
        let wrong = || CodegenError::bug("a result of another type than the function's");
        match self.returns {
            Returns::Pointers => {
                if parts.len() != self.results.len() {
                    return Err(wrong());
                }
                for ((part, ty), &to) in parts.into_iter().zip(&self.results) {
                    // The local that is the result may be there already.
                    if part == to.as_basic_value_enum() {
                        continue;
                    }
                    self.store(to, part, ty)?;
                }
                self.leave(self.status(STATUS_OK))
            }
            Returns::Registers(ty) => {
                if parts.len() + 1 != ty.count_fields() as usize {
                    return Err(wrong());
                }
                let status = self.status(STATUS_OK);
                let mut all = (self.builder).build_insert_value(ty.get_poison(), status, 0, "")?;
                for (index, (part, ty)) in (1..).zip(parts) {
                    let part = self.value_to_memory(part, ty)?;
                    all = self.builder.build_insert_value(all, part, index, "")?;
                }
                self.builder
                    .build_return(Some(&all.as_basic_value_enum()))?;
                Ok(())
            }
        }
    }

    pub(super) fn status(&self, status: u32) -> IntValue<'ctx> {
        self.context.i32_type().const_int(status.into(), false)
    }

    /// Returns with a status other than that of a normal return. Ends the block.
    pub(super) fn leave(&self, status: IntValue<'ctx>) -> Result<()> {
        match self.returns {
            Returns::Pointers => self
                .builder
                .build_return(Some(&status as &dyn BasicValue<'ctx>))?,
            Returns::Registers(ty) => {
                let all = (self.builder).build_insert_value(ty.get_poison(), status, 0, "")?;
                self.builder
                    .build_return(Some(&all.as_basic_value_enum()))?
            }
        };
        Ok(())
    }

    /// `value` as an integer, for what the verifier has seen to be one.
    pub(super) fn emit_int(
        &mut self,
        expr: hotloop_ir::ExprId,
    ) -> Result<inkwell::values::IntValue<'ctx>> {
        int(self.emit_expr(expr)?)
    }
}
