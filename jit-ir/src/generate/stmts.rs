//! Random statements.

use super::{Generator, Variable};
use crate::expr::{BinaryOp, ExprId};
use crate::func::{LocalId, SiteKind};
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, Loop, LoopHints, LoopRequest, StmtKind};
use crate::ty::{ScalarTy, Ty};

impl Generator<'_> {
    /// At least one statement, at most `n`, into the open block.
    pub(super) fn generate_stmts(&mut self, n: u32) {
        for _ in 0..n.max(1) {
            if self.stmts_left == 0 && self.block_depth > 0 {
                return;
            }
            self.stmts_left = self.stmts_left.saturating_sub(1);
            self.next_line();
            self.generate_stmt();
            if self.stmts_left == 0 {
                return;
            }
        }
    }

    fn generate_stmt(&mut self) {
        let nested = self.block_depth < self.config.max_block_depth;
        if self.config.memory && self.rng.one_in(3) {
            return self.generate_memory_stmt();
        }
        match self.rng.below(20) {
            0..=4 => self.declare_local(),
            5..=7 => self.assign_local(),
            8..=10 => self.store_element(),
            11 if nested => self.generate_if(),
            12..=14 if nested => self.generate_for(),
            15 if nested => self.generate_while(),
            16 if nested => self.generate_forever(),
            17 if nested => self.generate_labeled(),
            18 => self.generate_exit(),
            _ => {
                let ty = self.random_scalar_ty();
                let value = self.generate_expr(ty, self.config.max_expr_depth);
                self.b.eval(value);
            }
        }
    }

    pub(super) fn bind(&mut self, local: LocalId, ty: Ty, assignable: bool) {
        self.variables.push(Variable {
            local,
            ty,
            assignable,
            indexes: None,
            root: local,
        });
    }

    pub(super) fn declare_local(&mut self) {
        let ty = if self.config.memory && self.rng.one_in(3) {
            self.random_aggregate_ty()
        } else if self.rng.one_in(4) {
            self.random_tuple_ty()
        } else {
            Ty::Scalar(self.random_scalar_ty())
        };
        let name = self.fresh_name("v");
        if self.rng.one_in(6) {
            // Deferred: each branch assigns once.
            let local = self.b.immutable_local(&name, ty.clone());
            let cond = self.generate_expr(ScalarTy::Bool, 2);
            let mut branch = || {
                self.b.begin_block();
                let value = self.generate_value(&ty);
                self.b.assign(local, value);
                self.b.end_block()
            };
            let (then, otherwise) = (branch(), branch());
            self.b.if_else(cond, then, otherwise);
            self.bind(local, ty, false);
            return;
        }
        let value = self.generate_value(&ty);
        let mutable = !self.rng.one_in(4);
        let local = if mutable {
            self.b.local(&name, ty.clone())
        } else {
            self.b.immutable_local(&name, ty.clone())
        };
        self.b.assign(local, value);
        self.bind(local, ty, mutable);
    }

    fn assign_local(&mut self) {
        let assignable: Vec<_> = self.variables.iter().filter(|v| v.assignable).collect();
        let Some(variable) = self.rng.pick(&assignable).cloned() else {
            return self.declare_local();
        };
        // Down to a field, sometimes.
        let (mut ty, mut fields) = (variable.ty, Vec::new());
        while let Ty::Tuple(elems) = &ty {
            if self.rng.one_in(4) {
                break;
            }
            let field = self.rng.below(elems.len() as u32);
            let Some(elem) = elems.get(field as usize).cloned() else {
                break;
            };
            fields.push(field);
            ty = elem;
        }
        let value = self.generate_value(&ty);
        self.b.assign_field(variable.local, &fields, value);
    }

    fn store_element(&mut self) {
        let mutable: Vec<_> = self.slices.iter().filter(|slice| slice.mutable).collect();
        let Some(slice) = self.rng.pick(&mutable).cloned() else {
            return self.declare_local();
        };
        let value = self.generate_value(&slice.elem);
        let slice = slice.local;
        let in_range = self.index_variable(slice);
        if self.rng.one_in(self.config.unguarded_one_in) {
            let index = self.generate_expr(ScalarTy::Usize, 1);
            self.b.store(slice, index, value);
        } else if let Some(var) = in_range
            && !self.rng.one_in(4)
        {
            let index = self.b.load(var);
            self.b.store(slice, index, value);
        } else {
            // `if a.len() > c { a[c] = value }`
            let c = self.rng.below(6) as usize;
            let (len, limit) = (self.b.len(slice), self.b.usize(c));
            let cond = self.b.binary(BinaryOp::Gt, len, limit);
            self.b.begin_block();
            let index = self.b.usize(c);
            self.b.store(slice, index, value);
            let then = self.b.end_block();
            self.b.if_else(cond, then, Block::default());
        }
    }

    /// A block of its own scope; `prepare` adds what comes first.
    fn generate_block(&mut self, prepare: impl FnOnce(&mut Self)) -> Block {
        let scope = (self.variables.len(), self.slices.len());
        self.block_depth += 1;
        self.b.begin_block();
        prepare(self);
        let n = self.rng.below(5);
        self.generate_stmts(n);
        self.block_depth -= 1;
        self.variables.truncate(scope.0);
        self.slices.truncate(scope.1);
        self.b.end_block()
    }

    fn generate_if(&mut self) {
        let cond = self.generate_expr(ScalarTy::Bool, 3);
        let then = self.generate_block(|_| {});
        let otherwise = if self.rng.one_in(2) {
            self.generate_block(|_| {})
        } else {
            Block::default()
        };
        self.b.if_else(cond, then, otherwise);
    }

    /// Whether a loop of so many iterations may be here.
    fn fits_iterations(&self, trip_count: u32) -> bool {
        self.iterations.saturating_mul(trip_count) <= self.config.max_iterations
    }

    /// The body of a loop of at most so many iterations.
    fn generate_loop_body(
        &mut self,
        label: crate::Label,
        trip_count: u32,
        prepare: impl FnOnce(&mut Self),
    ) -> Block {
        let outer = self.iterations;
        self.iterations = outer.saturating_mul(trip_count.max(1));
        self.labels.push((label, true));
        let body = self.generate_block(prepare);
        self.labels.pop();
        self.iterations = outer;
        body
    }

    fn generate_for(&mut self) {
        let trip_count = 1 + self.rng.below(9);
        if !self.fits_iterations(9) {
            return self.assign_local();
        }
        let slice = self.rng.pick(&self.slices).map(|slice| slice.local);
        let over = slice.filter(|_| !self.rng.one_in(3));
        let mut inclusive = self.rng.one_in(2);
        let ty = if over.is_some() {
            ScalarTy::Usize
        } else {
            self.random_int_ty()
        };
        let (start, end) = match over {
            Some(slice) => {
                inclusive = false;
                let first = if self.rng.one_in(3) {
                    self.rng.below(3)
                } else {
                    0
                };
                (self.b.usize(first as usize), self.b.len(slice))
            }
            None => self.generate_bounds(ty, trip_count),
        };
        let step = match self.rng.below(6) {
            0 => self.b.usize(2),
            1 => {
                let step = 1 + self.rng.below(5) as usize;
                self.b.usize(step)
            }
            2 => {
                let any = self.generate_leaf(ScalarTy::Usize);
                let one = self.b.usize(1);
                self.b.binary(BinaryOp::BitOr, any, one)
            }
            _ => self.b.usize(1),
        };
        let reversed = self.rng.one_in(3);
        let name = self.fresh_name("i");
        let var = self.b.immutable_local(&name, Ty::Scalar(ty));
        let label = self.b.label();
        let body = self.generate_loop_body(label, 10, |this| {
            this.variables.push(Variable {
                local: var,
                ty: Ty::Scalar(ty),
                assignable: false,
                indexes: over,
                root: var,
            });
        });
        self.b.stmt(StmtKind::For(Loop {
            label,
            var,
            start,
            end,
            step,
            inclusive,
            reversed,
            request: LoopRequest::Auto,
            hints: LoopHints::default(),
            body,
        }));
    }

    /// Bounds of a range of at most about `trip_count` values: constants anywhere in the type, also at its ends and
    /// the wrong way round, or a variable and what is a little above it.
    fn generate_bounds(&mut self, ty: ScalarTy, trip_count: u32) -> (ExprId, ExprId) {
        let n = i128::from(trip_count);
        let (least, greatest) = (self.edge(ty, false), self.edge(ty, true));
        match self.rng.below(6) {
            0 => (self.b.int(ty, greatest - n), self.b.int(ty, greatest)),
            1 => (self.b.int(ty, least), self.b.int(ty, least + n)),
            2 => (self.b.int(ty, n), self.b.int(ty, 0)),
            3 => {
                let first = if ty.is_signed_int() { -n / 2 } else { 0 };
                (self.b.int(ty, first), self.b.int(ty, first + n))
            }
            _ => {
                let rng = self.rng.clone();
                let start = self.generate_leaf(ty);
                self.rng = rng;
                let (again, n) = (self.generate_leaf(ty), self.b.int(ty, n));
                (start, self.b.call(Intrinsic::SaturatingAdd, vec![again, n]))
            }
        }
    }

    /// A counter that bounds a loop: declared and set to 0.
    fn declare_counter(&mut self) -> LocalId {
        let name = self.fresh_name("$count");
        let counter = self.b.local(&name, Ty::Scalar(ScalarTy::U32));
        let zero = self.b.int(ScalarTy::U32, 0);
        self.b.assign(counter, zero);
        counter
    }

    fn compare_counter(&mut self, counter: LocalId, op: BinaryOp, limit: u32) -> ExprId {
        let count = self.b.load(counter);
        let limit = self.b.int(ScalarTy::U32, limit.into());
        self.b.binary(op, count, limit)
    }

    fn increment(&mut self, counter: LocalId) {
        let (count, one) = (self.b.load(counter), self.b.int(ScalarTy::U32, 1));
        let next = self.b.binary(BinaryOp::Add, count, one);
        self.b.assign(counter, next);
    }

    fn generate_while(&mut self) {
        let trip_count = 1 + self.rng.below(8);
        if !self.fits_iterations(trip_count) {
            return self.assign_local();
        }
        let counter = self.declare_counter();
        let bounded = self.compare_counter(counter, BinaryOp::Lt, trip_count);
        let wanted = if self.rng.one_in(2) {
            self.b.bool(true)
        } else {
            self.generate_expr(ScalarTy::Bool, 2)
        };
        let cond = self.b.short_circuit(false, bounded, wanted);
        let label = self.b.label();
        let body = self.generate_loop_body(label, trip_count, |this| this.increment(counter));
        self.b.stmt(StmtKind::While { label, cond, body });
    }

    fn generate_forever(&mut self) {
        let trip_count = 1 + self.rng.below(8);
        if !self.fits_iterations(trip_count) {
            return self.assign_local();
        }
        let counter = self.declare_counter();
        let label = self.b.label();
        let body = self.generate_loop_body(label, trip_count, |this| {
            let done = this.compare_counter(counter, BinaryOp::Ge, trip_count);
            let leave = this.b.block(|b| b.stmt(StmtKind::Break(label)));
            this.b.if_else(done, leave, Block::default());
            this.increment(counter);
        });
        self.b.stmt(StmtKind::Forever { label, body });
    }

    fn generate_labeled(&mut self) {
        let label = self.b.label();
        self.labels.push((label, false));
        let body = self.generate_block(|_| {});
        self.labels.pop();
        self.b.stmt(StmtKind::Labeled { label, body });
    }

    /// `if cond { break / continue / return / panic }`.
    fn generate_exit(&mut self) {
        let cond = self.generate_expr(ScalarTy::Bool, 2);
        self.b.begin_block();
        match (self.rng.below(8), self.rng.pick(&self.labels)) {
            (0, _) if self.rng.one_in(self.config.unguarded_one_in / 8) => {
                if self.config.memory && self.rng.one_in(2) {
                    let ty = self.random_scalar_ty();
                    let operands = vec![self.generate_leaf(ty), self.generate_leaf(ty)];
                    self.b.trap(SiteKind::Panic, operands);
                } else if self.rng.one_in(2) {
                    self.b.panic();
                } else {
                    let site = self.b.site(SiteKind::StepBy);
                    self.b.stmt(StmtKind::Trap {
                        site,
                        operands: Vec::new(),
                    });
                }
            }
            (0 | 1, _) | (_, None) => {
                self.block_depth += 1;
                self.generate_return();
                self.block_depth -= 1;
            }
            (2..=4, Some((label, true))) => self.b.stmt(StmtKind::Continue(label)),
            (_, Some((label, _))) => self.b.stmt(StmtKind::Break(label)),
        }
        let then = self.b.end_block();
        self.b.if_else(cond, then, Block::default());
    }
}
