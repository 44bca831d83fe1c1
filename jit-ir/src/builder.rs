//! Builds functions by hand, expression by expression: for tests and for the generator of random functions. What it
//! builds has the right sites and natural types; whether it is well-formed is the verifier's answer.
//!
//! ```
//! use hotloop_ir::{BinaryOp, FunctionBuilder, ScalarTy, Ty, verify_specialized};
//!
//! let mut b = FunctionBuilder::new("twice");
//! let x = b.param("x", Ty::Scalar(ScalarTy::I32));
//! b.set_result(Ty::Scalar(ScalarTy::I32));
//! let (left, right) = (b.load(x), b.load(x));
//! let sum = b.binary(BinaryOp::Add, left, right);
//! b.ret(Some(sum));
//! let func = b.finish();
//! assert!(verify_specialized(&func).is_ok());
//! ```

use crate::expr::{
    BinaryOp, ConstValue, Expr, ExprId, ExprKind, Place, Projection, SiteId, UnaryOp,
};
use crate::func::{FastMath, Function, Local, LocalId, Site, SiteKind, TypeParam};
use crate::intrinsic::{Intrinsic, Traps};
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, LoopRequest, Stmt, StmtKind};
use crate::text::natural_ty;
use crate::ty::{ScalarTy, Ty};

/// A function in the making. Statements go to the innermost block that is open.
#[derive(Clone, Debug)]
pub struct FunctionBuilder {
    func: Function,
    overflow_checks: bool,
    open: Vec<Block>,
    next_label: u32,
    span: Span,
}

impl FunctionBuilder {
    /// A function of this name without parameters and result, in a profile that checks overflow.
    pub fn new(name: &str) -> Self {
        FunctionBuilder {
            func: Function {
                name: name.to_owned(),
                module: String::new(),
                file: String::new(),
                type_params: Vec::new(),
                params: Vec::new(),
                result: Ty::Unit,
                tables: Vec::new(),
                locals: Default::default(),
                exprs: Default::default(),
                expr_spans: Vec::new(),
                sites: Default::default(),
                body: Block::default(),
                fastmath: FastMath::STRICT,
            },
            overflow_checks: true,
            open: vec![Block::default()],
            next_label: 0,
            span: Span::UNKNOWN,
        }
    }

    /// Whether the operations that follow trap on overflow.
    pub fn set_overflow_checks(&mut self, overflow_checks: bool) {
        self.overflow_checks = overflow_checks;
    }

    /// The position of everything that follows.
    pub fn set_span(&mut self, span: Span) {
        self.span = span;
    }

    /// The type of the result.
    pub fn set_result(&mut self, ty: Ty) {
        self.func.result = ty;
    }

    /// Adds a type parameter.
    pub fn type_param(&mut self, name: &str) -> Ty {
        let index = self.func.type_params.len();
        let name = name.to_owned();
        self.func.type_params.push(TypeParam { name });
        Ty::Param(index as u32)
    }

    /// Adds a parameter. Before any other local.
    pub fn param(&mut self, name: &str, ty: Ty) -> LocalId {
        let id = self.add_local(name, ty, false);
        self.func.params.push(id);
        id
    }

    /// Adds a parameter that is a slice. Before any other local.
    pub fn slice_param(&mut self, name: &str, elem: Ty, mutable: bool) -> LocalId {
        let elem = Box::new(elem);
        self.param(name, Ty::Slice { elem, mutable })
    }

    /// Adds a local that may be assigned more than once.
    pub fn local(&mut self, name: &str, ty: Ty) -> LocalId {
        self.add_local(name, ty, true)
    }

    /// Adds a local that is assigned once.
    pub fn immutable_local(&mut self, name: &str, ty: Ty) -> LocalId {
        self.add_local(name, ty, false)
    }

    fn add_local(&mut self, name: &str, ty: Ty, mutable: bool) -> LocalId {
        self.func.locals.push(Local {
            name: name.to_owned(),
            ty,
            mutable,
            span: self.span,
        })
    }

    /// Adds a trap site.
    pub fn site(&mut self, kind: SiteKind) -> SiteId {
        let span = self.span;
        self.func.sites.push(Site {
            kind,
            span,
            origin: 0,
            node: 0,
            operands: Vec::new(),
        })
    }

    /// Adds any expression.
    pub fn expr(&mut self, kind: ExprKind, ty: Ty) -> ExprId {
        self.func.expr_spans.push(self.span);
        self.func.exprs.push(Expr { kind, ty })
    }

    /// Adds an expression whose type follows from its operands.
    fn natural(&mut self, kind: ExprKind) -> ExprId {
        let ty = natural_ty(&self.func, &kind, &Ty::Unit).unwrap_or(Ty::Unit);
        self.expr(kind, ty)
    }

    /// The type of an expression.
    pub fn ty_of(&self, id: ExprId) -> &Ty {
        self.func.exprs.get(id).map_or(&Ty::Unit, |expr| &expr.ty)
    }

    fn scalar_of(&self, id: ExprId) -> Option<ScalarTy> {
        self.ty_of(id).as_scalar()
    }

    /// The type of a local.
    pub fn local_ty(&self, id: LocalId) -> &Ty {
        self.func
            .locals
            .get(id)
            .map_or(&Ty::Unit, |local| &local.ty)
    }

    /// An integer constant; cut off to the type's width.
    pub fn int(&mut self, ty: ScalarTy, value: i128) -> ExprId {
        let bits = crate::Scalar::from_bits(ty, value as u128).bits;
        self.expr(ExprKind::Const(ConstValue::Int(bits)), Ty::Scalar(ty))
    }

    /// A `usize` constant.
    pub fn usize(&mut self, value: usize) -> ExprId {
        self.int(ScalarTy::Usize, value as i128)
    }

    /// A `bool` constant.
    pub fn bool(&mut self, value: bool) -> ExprId {
        self.expr(ExprKind::Const(ConstValue::Bool(value)), Ty::BOOL)
    }

    /// A float constant, rounded to the type (anything but `f32` is `f64`).
    pub fn float(&mut self, ty: ScalarTy, value: f64) -> ExprId {
        match ty {
            ScalarTy::F32 => {
                let value = ConstValue::F32((value as f32).to_bits());
                self.expr(ExprKind::Const(value), Ty::Scalar(ScalarTy::F32))
            }
            _ => {
                let value = ConstValue::F64(value.to_bits());
                self.expr(ExprKind::Const(value), Ty::Scalar(ScalarTy::F64))
            }
        }
    }

    /// The value of a local.
    pub fn load(&mut self, local: LocalId) -> ExprId {
        self.natural(ExprKind::Load(Place::local(local)))
    }

    /// The value of a field of a tuple; `fields` leads to it.
    pub fn load_field(&mut self, local: LocalId, fields: &[u32]) -> ExprId {
        self.natural(ExprKind::Load(field_place(local, fields)))
    }

    /// An element of a slice.
    pub fn load_index(&mut self, slice: LocalId, index: ExprId) -> ExprId {
        let place = self.index_place(slice, index);
        self.natural(ExprKind::Load(place))
    }

    fn index_place(&mut self, slice: LocalId, index: ExprId) -> Place {
        let site = self.site(SiteKind::Index);
        Place {
            local: slice,
            projections: vec![Projection::Index {
                index,
                site: Some(site),
            }],
        }
    }

    /// The length of a slice.
    pub fn len(&mut self, slice: LocalId) -> ExprId {
        self.natural(ExprKind::Len(Place::local(slice)))
    }

    /// `op operand`, with a site if it may trap.
    pub fn unary(&mut self, op: UnaryOp, operand: ExprId) -> ExprId {
        let may_trap = match self.scalar_of(operand) {
            Some(ty) => op.may_trap_for(ty, self.overflow_checks),
            None => op == UnaryOp::Neg,
        };
        let site = may_trap.then(|| self.site(SiteKind::Neg));
        self.natural(ExprKind::Unary { op, operand, site })
    }

    /// `lhs op rhs`, with a site if it may trap.
    pub fn binary(&mut self, op: BinaryOp, lhs: ExprId, rhs: ExprId) -> ExprId {
        let may_trap = match self.scalar_of(lhs) {
            Some(ty) => op.may_trap_for(ty, self.overflow_checks),
            None => op.may_trap(),
        };
        let site = may_trap.then(|| self.site(SiteKind::Binary(op)));
        self.natural(ExprKind::Binary { op, lhs, rhs, site })
    }

    /// A method call, with a site if it may trap. `from_bits` takes its type from its argument.
    pub fn call(&mut self, intrinsic: Intrinsic, args: Vec<ExprId>) -> ExprId {
        let intrinsic = intrinsic.in_profile(self.overflow_checks);
        let receiver = args.first().and_then(|&first| self.scalar_of(first));
        let may_trap = match receiver {
            Some(ty) if intrinsic.receiver_is_self() => {
                intrinsic.may_trap_for(ty, self.overflow_checks)
            }
            _ => intrinsic.info().traps != Traps::Never,
        };
        let site = may_trap.then(|| self.site(SiteKind::Intrinsic(intrinsic)));
        self.natural(ExprKind::Call {
            intrinsic,
            args,
            site,
        })
    }

    /// `lhs && rhs` or `lhs || rhs`.
    pub fn short_circuit(&mut self, or: bool, lhs: ExprId, rhs: ExprId) -> ExprId {
        self.natural(ExprKind::ShortCircuit { or, lhs, rhs })
    }

    /// `if cond { then } else { otherwise }` as a value.
    pub fn select(&mut self, cond: ExprId, then: ExprId, otherwise: ExprId) -> ExprId {
        self.natural(ExprKind::Select {
            cond,
            then,
            otherwise,
        })
    }

    /// `operand as ty`.
    pub fn cast(&mut self, operand: ExprId, ty: ScalarTy) -> ExprId {
        self.expr(ExprKind::Cast { operand }, Ty::Scalar(ty))
    }

    /// `NumCast::from(operand).unwrap()`.
    pub fn num_cast(&mut self, operand: ExprId, ty: ScalarTy) -> ExprId {
        let site = self.site(SiteKind::NumCast);
        self.expr(ExprKind::NumCast { operand, site }, Ty::Scalar(ty))
    }

    /// Whether [`FunctionBuilder::num_cast`] does not trap.
    pub fn num_cast_fits(&mut self, operand: ExprId, target: ScalarTy) -> ExprId {
        let target = Ty::Scalar(target);
        self.natural(ExprKind::NumCastFits { operand, target })
    }

    /// `(a, b, ..)`.
    pub fn tuple(&mut self, elems: Vec<ExprId>) -> ExprId {
        self.natural(ExprKind::Tuple(elems))
    }

    /// Adds any statement.
    pub fn stmt(&mut self, kind: StmtKind) {
        let span = self.span;
        if let Some(block) = self.open.last_mut() {
            block.stmts.push(Stmt { kind, span });
        }
    }

    /// `local = value`.
    pub fn assign(&mut self, local: LocalId, value: ExprId) {
        let place = Place::local(local);
        self.stmt(StmtKind::Assign { place, value });
    }

    /// `local.field = value`; `fields` leads to it.
    pub fn assign_field(&mut self, local: LocalId, fields: &[u32], value: ExprId) {
        let place = field_place(local, fields);
        self.stmt(StmtKind::Assign { place, value });
    }

    /// `slice[index] = value`.
    pub fn store(&mut self, slice: LocalId, index: ExprId, value: ExprId) {
        let place = self.index_place(slice, index);
        self.stmt(StmtKind::Assign { place, value });
    }

    /// Evaluates and drops.
    pub fn eval(&mut self, value: ExprId) {
        self.stmt(StmtKind::Eval(value));
    }

    /// `return`.
    pub fn ret(&mut self, value: Option<ExprId>) {
        self.stmt(StmtKind::Return(value));
    }

    /// `panic!`.
    pub fn panic(&mut self) {
        let site = self.site(SiteKind::Panic);
        self.stmt(StmtKind::Trap {
            site,
            operands: Vec::new(),
        });
    }

    /// A label that is not used yet.
    pub fn label(&mut self) -> Label {
        let label = Label(self.next_label);
        self.next_label += 1;
        label
    }

    /// The statements that `fill` adds, as a block of their own.
    pub fn block(&mut self, fill: impl FnOnce(&mut Self)) -> Block {
        self.begin_block();
        fill(self);
        self.end_block()
    }

    /// Opens a block.
    pub fn begin_block(&mut self) {
        self.open.push(Block::default());
    }

    /// Closes the block that was opened last.
    pub fn end_block(&mut self) -> Block {
        self.open.pop().unwrap_or_default()
    }

    /// `for var in start..end { body }`.
    pub fn for_range(
        &mut self,
        var: LocalId,
        start: ExprId,
        end: ExprId,
        body: impl FnOnce(&mut Self, Label),
    ) {
        let label = self.label();
        let step = self.usize(1);
        let body = self.block(|b| body(b, label));
        self.stmt(StmtKind::For(Loop {
            label,
            var,
            start,
            end,
            step,
            inclusive: false,
            reversed: false,
            request: LoopRequest::Auto,
            body,
        }));
    }

    /// `if cond { then } else { otherwise }` as a statement.
    pub fn if_else(&mut self, cond: ExprId, then: Block, otherwise: Block) {
        self.stmt(StmtKind::If {
            cond,
            then,
            otherwise,
        });
    }

    /// The function.
    pub fn finish(mut self) -> Function {
        self.func.body = self.open.drain(..).next().unwrap_or_default();
        self.func
    }
}

fn field_place(local: LocalId, fields: &[u32]) -> Place {
    Place {
        local,
        projections: fields.iter().copied().map(Projection::Field).collect(),
    }
}
