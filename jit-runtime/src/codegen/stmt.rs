//! Statements. Code after a statement that leaves goes to a block of its own, which LLVM removes.

use hotloop_ir::{Block, ExprId, ExprKind, Label, Place, Stmt, StmtKind, Ty};
use inkwell::basic_block::BasicBlock;

use super::guard::Part;
use super::{CodegenError, Emitter, Result, Target, layout};

impl<'ctx> Emitter<'ctx, '_> {
    pub(super) fn emit_block(&mut self, block: &Block) -> Result<()> {
        block.stmts.iter().try_for_each(|stmt| self.emit_stmt(stmt))
    }

    fn emit_stmt(&mut self, stmt: &Stmt) -> Result<()> {
        self.locate_stmt(stmt.span);
        match &stmt.kind {
            StmtKind::Assign { place, value } => self.emit_assign(place, *value),
            StmtKind::Eval(expr) => match self.func.advice(*expr) {
                Some((base, index)) => self.emit_advice(&base, index),
                None => self.emit_guarded(&[Part::Value(*expr)], |this| {
                    this.emit_expr(*expr).map(drop)
                }),
            },
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => self.emit_if(*cond, then, otherwise),
            StmtKind::For(counted) => self.emit_for(counted),
            StmtKind::While { label, cond, body } => self.emit_while(*label, *cond, body),
            StmtKind::Forever { label, body } => self.emit_forever(*label, body),
            StmtKind::Labeled { label, body } => self.emit_labeled(*label, body),
            StmtKind::Break(label) => {
                let target = self.target(*label)?.on_break;
                self.jump(target)
            }
            StmtKind::Continue(label) => {
                let target = self
                    .target(*label)?
                    .on_continue
                    .ok_or_else(|| CodegenError::bug("`continue` of a block"))?;
                self.jump(target)
            }
            StmtKind::Return(None) => {
                self.emit_return(None)?;
                self.start_dead_block();
                Ok(())
            }
            StmtKind::Return(Some(expr)) => {
                let value =
                    self.emit_guarded(&[Part::Value(*expr)], |this| this.emit_expr(*expr))?;
                self.emit_return(Some((value, self.expr_ty(*expr)?)))?;
                self.start_dead_block();
                Ok(())
            }
            StmtKind::Trap { site, operands } => {
                let operands: Vec<_> = operands
                    .iter()
                    .map(|&operand| self.emit_expr(operand))
                    .collect::<Result<_>>()?;
                self.trap(*site, &operands)?;
                self.start_dead_block();
                Ok(())
            }
            StmtKind::Call {
                function,
                args,
                result,
            } => self.emit_call(*function, args, result.as_ref()),
            StmtKind::HostCall { host, args, result } => {
                self.emit_host_call(*host, args, result.as_ref())
            }
            StmtKind::Parallel(parallel) => self.emit_parallel(parallel),
        }
    }

    /// The value first, then the indices of the place, then the store.
    fn emit_assign(&mut self, place: &Place, value: ExprId) -> Result<()> {
        if place.projections.is_empty() && self.is_large_nothing(value) {
            return Ok(());
        }
        if place.projections.is_empty() && self.builds_apart_from(value, place.local) {
            let to = self.local_address(place.local.index())?;
            return self.emit_guarded(&[Part::Value(value)], |this| this.emit_into(value, to));
        }
        self.emit_guarded(&[Part::Value(value), Part::Place(place)], |this| {
            let value = this.emit_expr(value)?;
            let at = this.locate(place)?;
            this.store(at.address, value, at.ty)
        })
    }

    /// Whether this is memory whose contents nobody looks at before they are stored, and too much of it to be filled in vain.
    fn is_large_nothing(&self, value: ExprId) -> bool {
        (self.func.exprs.get(value)).is_some_and(|value| {
            value.kind == ExprKind::Zeroed
                && matches!(value.ty, Ty::Array { .. })
                && layout::of(&value.ty).is_ok_and(|layout| layout.size > 1024)
        })
    }

    fn emit_if(&mut self, cond: ExprId, then: &Block, otherwise: &Block) -> Result<()> {
        let cond = self.emit_guarded(&[Part::Value(cond)], |this| this.emit_int(cond))?;
        let then_block = self.append_block("then");
        let done = self.append_block("endif");
        let else_block = if otherwise.stmts.is_empty() {
            done
        } else {
            self.append_block("else")
        };
        let branch = self
            .builder
            .build_conditional_branch(cond, then_block, else_block)?;
        if self.is_cold(otherwise) {
            self.mark_likely(branch)?;
        }
        self.builder.position_at_end(then_block);
        self.emit_block(then)?;
        self.builder.build_unconditional_branch(done)?;
        if else_block != done {
            self.builder.position_at_end(else_block);
            self.emit_block(otherwise)?;
            self.builder.build_unconditional_branch(done)?;
        }
        self.builder.position_at_end(done);
        Ok(())
    }

    fn emit_labeled(&mut self, label: Label, body: &Block) -> Result<()> {
        let done = self.append_block("endblock");
        self.emit_with_target(label, done, None, body)?;
        self.builder.build_unconditional_branch(done)?;
        self.builder.position_at_end(done);
        Ok(())
    }

    /// Whether a block is a version of what is before it that hardly ever runs.
    fn is_cold(&self, block: &Block) -> bool {
        let functions = &self.program.ir.functions;
        (block.stmts.iter()).any(|stmt| match &stmt.kind {
            StmtKind::For(for_loop) => for_loop.hints.cold,
            StmtKind::Call { function, .. } => {
                (functions.get(*function as usize)).is_some_and(|func| func.deferred.is_some())
            }
            _ => false,
        })
    }

    /// Emits a body in which `break` and `continue` of `label` go to these blocks.
    pub(super) fn emit_with_target(
        &mut self,
        label: Label,
        on_break: BasicBlock<'ctx>,
        on_continue: Option<BasicBlock<'ctx>>,
        body: &Block,
    ) -> Result<()> {
        self.targets.push(Target {
            label,
            on_break,
            on_continue,
        });
        let result = self.emit_block(body);
        self.targets.pop();
        self.relocate_loop();
        result
    }

    fn target(&self, label: Label) -> Result<&Target<'ctx>> {
        self.targets
            .iter()
            .rev()
            .find(|target| target.label == label)
            .ok_or_else(|| CodegenError::bug("a jump to a label that is not around it"))
    }

    fn jump(&self, to: BasicBlock<'ctx>) -> Result<()> {
        self.builder.build_unconditional_branch(to)?;
        self.start_dead_block();
        Ok(())
    }

    /// A place for the code that follows a statement that left.
    fn start_dead_block(&self) {
        self.builder.position_at_end(self.append_block("dead"));
    }
}
