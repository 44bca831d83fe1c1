//! Builds functions for tests, with as little ceremony as the tests need.

use hotloop_ir::{
    BinaryOp, Block, ConstValue, Expr, ExprId, ExprKind, FastMath, Function, Label, Local, LocalId,
    Loop, LoopHints, LoopRequest, Place, Projection, ScalarTy, Site, SiteId, SiteKind, Span, Stmt,
    StmtKind, Ty, UnaryOp,
};

/// A function under construction. Statements go to the innermost open block.
pub(crate) struct Builder {
    pub(crate) func: Function,
    blocks: Vec<Block>,
    labels: u32,
}

pub(crate) fn slice(elem: ScalarTy, mutable: bool) -> Ty {
    Ty::Slice {
        elem: Box::new(elem.into()),
        mutable,
    }
}

impl Builder {
    pub(crate) fn new(name: &str, result: Ty) -> Self {
        let func = Function {
            name: name.into(),
            module: String::new(),
            file: String::new(),
            type_params: Vec::new(),
            params: Vec::new(),
            result,
            tables: Vec::new(),
            locals: Default::default(),
            exprs: Default::default(),
            expr_spans: Vec::new(),
            sites: Default::default(),
            body: Block::default(),
            fastmath: FastMath::STRICT,
            parallel: None,
            unchecked: false,
            deferred: None,
        };
        Builder {
            func,
            blocks: vec![Block::default()],
            labels: 0,
        }
    }

    pub(crate) fn finish(mut self) -> Function {
        self.func.body = self.blocks.pop().expect("a block is open");
        assert!(self.blocks.is_empty(), "all blocks are closed");
        if let Err(error) = hotloop_ir::verify_specialized(&self.func) {
            panic!("{error:?}");
        }
        self.func
    }

    pub(crate) fn param(&mut self, ty: impl Into<Ty>) -> LocalId {
        let local = self.local(ty);
        self.func.locals[local].mutable = false;
        self.func.params.push(local);
        local
    }

    pub(crate) fn local(&mut self, ty: impl Into<Ty>) -> LocalId {
        self.func.locals.push(Local {
            name: format!("v{}", self.func.locals.len()),
            ty: ty.into(),
            mutable: true,
            span: Span::UNKNOWN,
        })
    }

    pub(crate) fn site(&mut self, kind: SiteKind, operands: Vec<Ty>) -> SiteId {
        self.func.sites.push(Site {
            kind,
            span: Span::UNKNOWN,
            origin: 0,
            node: 0,
            operands,
        })
    }

    pub(crate) fn expr(&mut self, kind: ExprKind, ty: impl Into<Ty>) -> ExprId {
        self.func.exprs.push(Expr {
            kind,
            ty: ty.into(),
        })
    }

    pub(crate) fn int(&mut self, ty: ScalarTy, value: i128) -> ExprId {
        let bits = value as u128 & (u128::MAX >> (128 - ty.bits()));
        self.expr(ExprKind::Const(ConstValue::Int(bits)), ty)
    }

    pub(crate) fn f64(&mut self, value: f64) -> ExprId {
        self.expr(
            ExprKind::Const(ConstValue::F64(value.to_bits())),
            ScalarTy::F64,
        )
    }

    pub(crate) fn get(&mut self, local: LocalId) -> ExprId {
        let ty = self.func.locals[local].ty.clone();
        self.expr(ExprKind::Load(Place::local(local)), ty)
    }

    pub(crate) fn len(&mut self, local: LocalId) -> ExprId {
        self.expr(ExprKind::Len(Place::local(local)), ScalarTy::Usize)
    }

    pub(crate) fn element(&mut self, slice: LocalId, index: ExprId) -> Place {
        let site = Some(self.site(SiteKind::Index, vec![Ty::USIZE; 2]));
        Place {
            local: slice,
            projections: vec![Projection::Index { index, site }],
        }
    }

    pub(crate) fn get_element(&mut self, slice: LocalId, index: ExprId) -> ExprId {
        let Ty::Slice { elem, .. } = self.func.locals[slice].ty.clone() else {
            panic!("a slice is indexed");
        };
        let place = self.element(slice, index);
        self.expr(ExprKind::Load(place), *elem)
    }

    /// An operator; integer arithmetic has a site if `checked`, division always.
    pub(crate) fn binary_with(
        &mut self,
        op: BinaryOp,
        lhs: ExprId,
        rhs: ExprId,
        checked: bool,
    ) -> ExprId {
        let ty = self.func.exprs[lhs].ty.clone();
        let is_int = ty.as_scalar().is_some_and(ScalarTy::is_int);
        let always = matches!(op, BinaryOp::Div | BinaryOp::Rem);
        let site = (is_int && op.may_trap() && (checked || always)).then(|| {
            let rhs = self.func.exprs[rhs].ty.clone();
            self.site(SiteKind::Binary(op), vec![ty.clone(), rhs])
        });
        let ty = if op.is_comparison() { Ty::BOOL } else { ty };
        self.expr(ExprKind::Binary { op, lhs, rhs, site }, ty)
    }

    pub(crate) fn binary(&mut self, op: BinaryOp, lhs: ExprId, rhs: ExprId) -> ExprId {
        self.binary_with(op, lhs, rhs, true)
    }

    pub(crate) fn neg(&mut self, operand: ExprId, checked: bool) -> ExprId {
        let ty = self.func.exprs[operand].ty.clone();
        let site = checked.then(|| self.site(SiteKind::Neg, vec![ty.clone()]));
        let op = UnaryOp::Neg;
        self.expr(ExprKind::Unary { op, operand, site }, ty)
    }

    pub(crate) fn stmt(&mut self, kind: StmtKind) {
        let span = Span::UNKNOWN;
        let block = self.blocks.last_mut().expect("a block is open");
        block.stmts.push(Stmt { kind, span });
    }

    pub(crate) fn set(&mut self, local: LocalId, value: ExprId) {
        let place = Place::local(local);
        self.stmt(StmtKind::Assign { place, value });
    }

    pub(crate) fn set_element(&mut self, slice: LocalId, index: ExprId, value: ExprId) {
        let place = self.element(slice, index);
        self.stmt(StmtKind::Assign { place, value });
    }

    pub(crate) fn ret(&mut self, value: ExprId) {
        self.stmt(StmtKind::Return(Some(value)));
    }

    pub(crate) fn label(&mut self) -> Label {
        self.labels += 1;
        Label(self.labels - 1)
    }

    pub(crate) fn block(&mut self, fill: impl FnOnce(&mut Self)) -> Block {
        self.blocks.push(Block::default());
        fill(self);
        self.blocks.pop().expect("it was just opened")
    }

    /// `for var in start..end`, `fill` emitting the body.
    pub(crate) fn for_range(
        &mut self,
        start: ExprId,
        end: ExprId,
        fill: impl FnOnce(&mut Self, LocalId),
    ) {
        let step = self.int(ScalarTy::Usize, 1);
        self.for_loop(start, end, step, (false, false), fill);
    }

    /// A counted loop; the pair is `inclusive` and `reversed`.
    pub(crate) fn for_loop(
        &mut self,
        start: ExprId,
        end: ExprId,
        step: ExprId,
        (inclusive, reversed): (bool, bool),
        fill: impl FnOnce(&mut Self, LocalId),
    ) {
        let ty = self.func.exprs[start].ty.clone();
        let var = self.local(ty);
        self.func.locals[var].mutable = false;
        let label = self.label();
        let body = self.block(|b| fill(b, var));
        self.stmt(StmtKind::For(Loop {
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
}

/// The status of a trap at the site with this number, in a program of one function.
pub(crate) fn status(site: u32) -> u32 {
    site + 1
}
