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
use crate::func::{
    FastMath, Function, Local, LocalId, Site, SiteKind, SliceBounds, Table, TypeParam,
};
use crate::intrinsic::{Intrinsic, Traps};
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, LoopHints, LoopRequest, Stmt, StmtKind};
use crate::text::{natural_ty, place_ty};
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
                deferred: None,
                parallel: None,
                unchecked: false,
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
        self.natural_as(kind, &Ty::Unit)
    }

    /// Likewise, where the type is not told by the operands alone: `like` tells what they do not.
    fn natural_as(&mut self, kind: ExprKind, like: &Ty) -> ExprId {
        let ty = natural_ty(&self.func, &kind, like).unwrap_or(Ty::Unit);
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
        self.index(Place::local(slice), index)
    }

    /// An element of the slice or array at a place, with a site.
    pub fn index(&mut self, place: Place, index: ExprId) -> Place {
        let site = self.site(SiteKind::Index);
        place.index(index, Some(site))
    }

    /// The value at a place.
    pub fn load_place(&mut self, place: Place) -> ExprId {
        self.natural(ExprKind::Load(place))
    }

    /// The type of what is at a place, if there is such a place.
    pub fn place_ty(&self, place: &Place) -> Option<&Ty> {
        place_ty(&self.func, place)
    }

    /// `&place` or `&mut place`.
    pub fn borrow(&mut self, place: Place, mutable: bool) -> ExprId {
        let to = Box::new(Ty::Unit);
        self.natural_as(ExprKind::Borrow(place), &Ty::Ref { to, mutable })
    }

    /// `&base[start..end]` or `&mut base[..]`, with a site if it may trap.
    pub fn sub_slice(
        &mut self,
        base: Place,
        start: Option<ExprId>,
        end: Option<ExprId>,
        mutable: bool,
    ) -> ExprId {
        let bounds = match (start, end) {
            (Some(_), Some(_)) => Some(SliceBounds::Both),
            (Some(_), None) => Some(SliceBounds::From),
            (None, Some(_)) => Some(SliceBounds::To),
            (None, None) => None,
        };
        let site = bounds.map(|bounds| self.site(SiteKind::SubSlice(bounds)));
        let kind = ExprKind::SubSlice {
            base,
            start,
            end,
            site,
        };
        let elem = Box::new(Ty::Unit);
        self.natural_as(kind, &Ty::Slice { elem, mutable })
    }

    /// The length of a slice or an array.
    pub fn len(&mut self, slice: LocalId) -> ExprId {
        self.len_of(Place::local(slice))
    }

    /// The length of the slice or array at a place.
    pub fn len_of(&mut self, place: Place) -> ExprId {
        self.natural(ExprKind::Len(place))
    }

    /// Adds a constant table; returns its number.
    pub fn add_table(&mut self, name: &str, ty: Ty, bytes: Vec<u8>) -> u32 {
        let name = name.to_owned();
        self.func.tables.push(Table { name, ty, bytes });
        self.func.tables.len() as u32 - 1
    }

    /// A reference to a constant table.
    pub fn table(&mut self, table: u32) -> ExprId {
        self.natural(ExprKind::Table(table))
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

    /// `[a, b, ..]`; of the elements' type, which the first one tells.
    pub fn array(&mut self, elems: Vec<ExprId>) -> ExprId {
        self.natural(ExprKind::Array(elems))
    }

    /// `[value; len]`.
    pub fn repeat(&mut self, value: ExprId, len: u64) -> ExprId {
        let elem = Box::new(Ty::Unit);
        self.natural_as(ExprKind::Repeat(value), &Ty::Array { elem, len })
    }

    /// A struct of this type, from the values of its fields.
    pub fn struct_value(&mut self, ty: Ty, fields: Vec<ExprId>) -> ExprId {
        self.expr(ExprKind::Struct(fields), ty)
    }

    /// A value of this type whose bits do not matter.
    pub fn zeroed(&mut self, ty: Ty) -> ExprId {
        self.expr(ExprKind::Zeroed, ty)
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

    /// `place = value`.
    pub fn assign_place(&mut self, place: Place, value: ExprId) {
        self.stmt(StmtKind::Assign { place, value });
    }

    /// Calls a function of the program.
    pub fn call_function(&mut self, function: u32, args: Vec<ExprId>, result: Option<Place>) {
        self.stmt(StmtKind::Call {
            function,
            args,
            result,
        });
    }

    /// Calls a host function of the program.
    pub fn call_host(&mut self, host: u32, args: Vec<ExprId>, result: Option<Place>) {
        self.stmt(StmtKind::HostCall { host, args, result });
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
        self.trap(SiteKind::Panic, Vec::new());
    }

    /// Panics, with these operands.
    pub fn trap(&mut self, kind: SiteKind, operands: Vec<ExprId>) {
        let site = self.site(kind);
        let types = operands.iter().map(|&id| self.ty_of(id).clone()).collect();
        self.func.sites[site].operands = types;
        self.stmt(StmtKind::Trap { site, operands });
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
            hints: LoopHints::default(),
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
