//! Loops. A counted loop has one of three shapes, chosen so that LLVM knows the trip count and the range of the induction
//! variable without proving anything:
//!
//! - step 1, `start..end`: `i = start; while i < end { body; i += 1 }`;
//! - step 1, `(start..end).rev()`: `j = end; while start < j { i = j - 1; body; j = i }`;
//! - others: the last value or the number of further iterations is computed before the loop, and compared after each
//!   iteration, so that nothing overflows at the ends of the type.

use hotloop_ir::{
    BinaryOp, Block, ConstValue, ExprId, ExprKind, Label, Loop, LoopHints, ScalarTy, Ty,
};
use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::values::IntValue;

use super::guard::Part;
use super::{CodegenError, Emitter, Result, int};

/// What is known of a counted loop before it starts.
struct Counted<'ctx, 'f> {
    loop_: &'f Loop,
    ty: ScalarTy,
    start: IntValue<'ctx>,
    end: IntValue<'ctx>,
    /// The step as `usize`.
    step: IntValue<'ctx>,
    /// Its value, if it is a constant.
    known_step: Option<u128>,
    latch: BasicBlock<'ctx>,
    exit: BasicBlock<'ctx>,
}

impl<'ctx> Emitter<'ctx, '_> {
    pub(super) fn emit_while(&mut self, label: Label, cond: ExprId, body: &Block) -> Result<()> {
        let header = self.append_block("while");
        let inside = self.append_block("body");
        let latch = self.append_block("latch");
        let exit = self.append_block("endwhile");
        self.builder.build_unconditional_branch(header)?;
        self.enter_loop(label);
        self.builder.position_at_end(header);
        let cond = self.emit_guarded(&[Part::Value(cond)], |this| this.emit_int(cond))?;
        self.builder.build_conditional_branch(cond, inside, exit)?;
        self.builder.position_at_end(inside);
        self.emit_with_target(label, exit, Some(latch), body)?;
        self.emit_latch(label, latch, header)?;
        self.builder.position_at_end(exit);
        self.leave_loop();
        Ok(())
    }

    pub(super) fn emit_forever(&mut self, label: Label, body: &Block) -> Result<()> {
        let header = self.append_block("loop");
        let latch = self.append_block("latch");
        let exit = self.append_block("endloop");
        self.builder.build_unconditional_branch(header)?;
        self.enter_loop(label);
        self.builder.position_at_end(header);
        self.emit_with_target(label, exit, Some(latch), body)?;
        self.emit_latch(label, latch, header)?;
        self.builder.position_at_end(exit);
        self.leave_loop();
        Ok(())
    }

    /// Where the end of the body and `continue` meet.
    fn emit_latch(
        &mut self,
        label: Label,
        latch: BasicBlock<'ctx>,
        header: BasicBlock<'ctx>,
    ) -> Result<()> {
        self.builder.build_unconditional_branch(latch)?;
        self.builder.position_at_end(latch);
        let branch = self.builder.build_unconditional_branch(header)?;
        self.mark_back_edge(branch, label, LoopHints::default())
    }

    pub(super) fn emit_for(&mut self, loop_: &Loop) -> Result<()> {
        let ty = self.expr_scalar(loop_.start)?;
        if !ty.is_int() {
            return Err(CodegenError::bug(format!("a loop over {ty}")));
        }
        if self.emit_lanes(loop_)? {
            return Ok(());
        }
        let known_step = match self.func.exprs.get(loop_.step).map(|step| &step.kind) {
            Some(ExprKind::Const(ConstValue::Int(step))) => Some(*step),
            _ => None,
        };
        let start = self.emit_int(loop_.start)?;
        let end = self.emit_int(loop_.end)?;
        let step = self.emit_int(loop_.step)?;
        let counted = Counted {
            loop_,
            ty,
            start,
            end,
            step,
            known_step,
            latch: self.append_block("latch"),
            exit: self.append_block("endfor"),
        };
        self.enter_loop(loop_.label);
        match (known_step, loop_.inclusive, loop_.reversed) {
            (Some(1), false, false) => self.emit_ascending(&counted)?,
            (Some(1), false, true) => self.emit_descending(&counted)?,
            _ => self.emit_general(&counted)?,
        }
        self.builder.position_at_end(counted.exit);
        self.leave_loop();
        Ok(())
    }

    /// Sets the induction variable and emits the body, up to the latch.
    fn emit_iteration(&mut self, counted: &Counted<'ctx, '_>, value: IntValue<'ctx>) -> Result<()> {
        let var = self.local_address(counted.loop_.var.index())?;
        self.store(var, value.into(), &Ty::Scalar(counted.ty))?;
        let loop_ = counted.loop_;
        self.emit_with_target(loop_.label, counted.exit, Some(counted.latch), &loop_.body)?;
        self.builder.build_unconditional_branch(counted.latch)?;
        self.builder.position_at_end(counted.latch);
        Ok(())
    }

    /// `for i in start..end`.
    fn emit_ascending(&mut self, counted: &Counted<'ctx, '_>) -> Result<()> {
        let header = self.append_block("for");
        let body = self.append_block("body");
        let before = self.current_block()?;
        self.builder.build_unconditional_branch(header)?;

        self.builder.position_at_end(header);
        let phi = self.builder.build_phi(counted.start.get_type(), "i")?;
        let i = int(phi.as_basic_value())?;
        let more = self.less(counted.ty, i, counted.end)?;
        self.builder
            .build_conditional_branch(more, body, counted.exit)?;

        self.builder.position_at_end(body);
        self.emit_iteration(counted, i)?;
        // `i < end` here, so `i + 1` is representable.
        let one = self.int_const(counted.ty.bits(), 1);
        let next = self.advance(BinaryOp::Add, counted.ty, i, one)?;
        let branch = self.builder.build_unconditional_branch(header)?;
        self.mark_back_edge(branch, counted.loop_.label, counted.loop_.hints)?;
        phi.add_incoming(&[(&counted.start, before), (&next, counted.latch)]);
        Ok(())
    }

    /// `for i in (start..end).rev()`.
    fn emit_descending(&mut self, counted: &Counted<'ctx, '_>) -> Result<()> {
        let header = self.append_block("for");
        let body = self.append_block("body");
        let before = self.current_block()?;
        self.builder.build_unconditional_branch(header)?;

        self.builder.position_at_end(header);
        let phi = self.builder.build_phi(counted.end.get_type(), "j")?;
        let j = int(phi.as_basic_value())?;
        let more = self.less(counted.ty, counted.start, j)?;
        self.builder
            .build_conditional_branch(more, body, counted.exit)?;

        self.builder.position_at_end(body);
        // `start < j` here, so `j - 1` is representable.
        let one = self.int_const(counted.ty.bits(), 1);
        let i = self.advance(BinaryOp::Sub, counted.ty, j, one)?;
        self.emit_iteration(counted, i)?;
        let branch = self.builder.build_unconditional_branch(header)?;
        self.mark_back_edge(branch, counted.loop_.label, counted.loop_.hints)?;
        phi.add_incoming(&[(&counted.end, before), (&i, counted.latch)]);
        Ok(())
    }

    /// Inclusive or stepped, from either end.
    fn emit_general(&mut self, counted: &Counted<'ctx, '_>) -> Result<()> {
        let &Counted {
            ty,
            start,
            end,
            known_step,
            exit,
            ..
        } = counted;
        let Loop {
            inclusive,
            reversed,
            ..
        } = *counted.loop_;
        let setup = self.append_block("setup");
        let header = self.append_block("for");
        let op = if inclusive {
            BinaryOp::Le
        } else {
            BinaryOp::Lt
        };
        let some = self.emit_comparison(op, (start.into(), ty), end.into())?;
        self.builder.build_conditional_branch(some, setup, exit)?;

        // The distance to the greatest value that may occur, as an unsigned number of the same width: exact.
        self.builder.position_at_end(setup);
        let one = self.int_const(ty.bits(), 1);
        let mut span = self.builder.build_int_sub(end, start, "span")?;
        if !inclusive {
            span = self.builder.build_int_nuw_sub(span, one, "span")?;
        }
        let step = self.resize_unsigned(counted.step, ty.bits())?;
        // How many iterations follow the first, and from where to where they go.
        let further = match known_step {
            Some(1) => span,
            _ => self.divide_span(span, counted.step)?,
        };
        let reach = self.builder.build_int_mul(further, step, "")?;
        let greatest = self.builder.build_int_add(start, reach, "")?;
        let (first, last) = if reversed {
            (greatest, start)
        } else {
            (start, greatest)
        };
        self.builder.build_unconditional_branch(header)?;

        self.builder.position_at_end(header);
        let phi = self.builder.build_phi(start.get_type(), "i")?;
        let i = int(phi.as_basic_value())?;
        // Where the step is known only when the loop runs, LLVM finds the number of iterations from a counter alone, and it unrolls no loop without.
        let number = match known_step {
            Some(_) => None,
            None => Some(self.builder.build_phi(start.get_type(), "number")?),
        };
        if known_step != Some(1) {
            // The range of `i`, which LLVM cannot always see through the division.
            let above = self.emit_comparison(BinaryOp::Ge, (i.into(), ty), start.into())?;
            let below = self.emit_comparison(op, (i.into(), ty), end.into())?;
            self.assume(above)?;
            self.assume(below)?;
        }
        self.emit_iteration(counted, i)?;
        let (at, end_at) = match number {
            Some(number) => (int(number.as_basic_value())?, further),
            None => (i, last),
        };
        let done = (self.builder).build_int_compare(IntPredicate::EQ, at, end_at, "")?;
        // Not used if `done`; otherwise between `start` and `end`.
        let op = if reversed {
            BinaryOp::Sub
        } else {
            BinaryOp::Add
        };
        let small = known_step.is_some_and(|step| step < 1 << (ty.bits() - 1));
        let next = if ty.is_unsigned_int() || small {
            self.advance(op, ty, i, step)?
        } else {
            self.build_wrapping(op, (i, step))?
        };
        if let Some(number) = number {
            let zero = self.int_const(ty.bits(), 0);
            let more = (self.builder).build_int_nuw_add(at, one, "")?;
            number.add_incoming(&[(&zero, setup), (&more, counted.latch)]);
        }
        let branch = (self.builder).build_conditional_branch(done, exit, header)?;
        self.mark_back_edge(branch, counted.loop_.label, counted.loop_.hints)?;
        phi.add_incoming(&[(&first, setup), (&next, counted.latch)]);
        Ok(())
    }

    /// `span / step`, in the wider of their types; the quotient is at most `span`.
    fn divide_span(&self, span: IntValue<'ctx>, step: IntValue<'ctx>) -> Result<IntValue<'ctx>> {
        let bits = span.get_type().get_bit_width();
        let wide = bits.max(step.get_type().get_bit_width());
        let span = self.resize_unsigned(span, wide)?;
        // Capture has checked that the step is not 0; should it have failed to, the loop is wrong, but nothing is undefined.
        let one = self.int_const(wide, 1);
        let step = self.int_op("llvm.umax", &[self.resize_unsigned(step, wide)?, one])?;
        let quotient = self.builder.build_int_unsigned_div(span, step, "")?;
        self.resize_unsigned(quotient, bits)
    }

    fn less(
        &self,
        ty: ScalarTy,
        lhs: IntValue<'ctx>,
        rhs: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        self.emit_comparison(BinaryOp::Lt, (lhs.into(), ty), rhs.into())
    }

    /// `+` or `-` that is known not to overflow (or whose result is not used then).
    fn advance(
        &self,
        op: BinaryOp,
        ty: ScalarTy,
        lhs: IntValue<'ctx>,
        rhs: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        let builder = &self.builder;
        Ok(match (op == BinaryOp::Add, ty.is_signed_int()) {
            (true, true) => builder.build_int_nsw_add(lhs, rhs, "")?,
            (true, false) => builder.build_int_nuw_add(lhs, rhs, "")?,
            (false, true) => builder.build_int_nsw_sub(lhs, rhs, "")?,
            (false, false) => builder.build_int_nuw_sub(lhs, rhs, "")?,
        })
    }
}
