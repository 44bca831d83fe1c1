//! Walks over expressions and statements without recursion, so that they work on IR of any depth; and the limits on
//! depth that the verifier enforces so that later stages may recurse.

use crate::arena::Arena;
use crate::expr::{Expr, ExprId, ExprKind, Place, Projection, SiteId};
use crate::func::Function;
use crate::span::Span;
use crate::stmt::{Block, Parallel, Stmt, StmtKind};
use crate::ty::Ty;

/// How deep expressions may nest: an expression without operands has depth 1.
pub const MAX_EXPR_DEPTH: usize = 256;
/// How deep blocks may nest: a body without nested blocks has depth 1.
pub const MAX_BLOCK_DEPTH: usize = 128;
/// How deep types may nest: a scalar has depth 1.
pub const MAX_TYPE_DEPTH: usize = 16;

impl Place {
    /// Calls `visit` with the index expressions, in order of evaluation.
    pub fn for_each_index(&self, mut visit: impl FnMut(ExprId)) {
        for projection in &self.projections {
            match projection {
                Projection::Index { index, site: _ } => visit(*index),
                Projection::Field(_) | Projection::Deref => {}
            }
        }
    }

    /// Calls `visit` with the index expressions, to be replaced.
    pub fn for_each_index_mut(&mut self, mut visit: impl FnMut(&mut ExprId)) {
        for projection in &mut self.projections {
            match projection {
                Projection::Index { index, site: _ } => visit(index),
                Projection::Field(_) | Projection::Deref => {}
            }
        }
    }

    /// Calls `visit` with the sites of the indices, in order of evaluation.
    pub fn for_each_site(&self, mut visit: impl FnMut(SiteId)) {
        for projection in &self.projections {
            match projection {
                Projection::Index {
                    site: Some(site), ..
                } => visit(*site),
                Projection::Index { site: None, .. } | Projection::Field(_) | Projection::Deref => {
                }
            }
        }
    }
}

impl ExprKind {
    /// Calls `visit` with each direct operand, in order of evaluation; indices of places are operands.
    pub fn for_each_operand(&self, mut visit: impl FnMut(ExprId)) {
        match self {
            ExprKind::Const(_)
            | ExprKind::Named(_)
            | ExprKind::DebugAssertions
            | ExprKind::Table(_)
            | ExprKind::Zeroed => {}
            ExprKind::Load(place) | ExprKind::Len(place) | ExprKind::Borrow(place) => {
                place.for_each_index(visit);
            }
            ExprKind::SubSlice {
                base, start, end, ..
            } => {
                base.for_each_index(&mut visit);
                start.iter().chain(end).copied().for_each(visit);
            }
            ExprKind::Unary { operand, .. }
            | ExprKind::Cast { operand }
            | ExprKind::NumCast { operand, .. }
            | ExprKind::NumCastFits { operand, .. }
            | ExprKind::Repeat(operand) => visit(*operand),
            ExprKind::Binary { lhs, rhs, .. } | ExprKind::ShortCircuit { lhs, rhs, .. } => {
                visit(*lhs);
                visit(*rhs);
            }
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => {
                visit(*cond);
                visit(*then);
                visit(*otherwise);
            }
            ExprKind::Call { args, .. } => args.iter().copied().for_each(visit),
            ExprKind::Tuple(elems) | ExprKind::Array(elems) | ExprKind::Struct(elems) => {
                elems.iter().copied().for_each(visit);
            }
        }
    }

    /// Calls `visit` with each direct operand, to be replaced; in the order of [`ExprKind::for_each_operand`].
    pub fn for_each_operand_mut(&mut self, mut visit: impl FnMut(&mut ExprId)) {
        match self {
            ExprKind::Const(_)
            | ExprKind::Named(_)
            | ExprKind::DebugAssertions
            | ExprKind::Table(_)
            | ExprKind::Zeroed => {}
            ExprKind::Load(place) | ExprKind::Len(place) | ExprKind::Borrow(place) => {
                place.for_each_index_mut(visit);
            }
            ExprKind::SubSlice {
                base, start, end, ..
            } => {
                base.for_each_index_mut(&mut visit);
                start.iter_mut().chain(end).for_each(visit);
            }
            ExprKind::Unary { operand, .. }
            | ExprKind::Cast { operand }
            | ExprKind::NumCast { operand, .. }
            | ExprKind::NumCastFits { operand, .. }
            | ExprKind::Repeat(operand) => visit(operand),
            ExprKind::Binary { lhs, rhs, .. } | ExprKind::ShortCircuit { lhs, rhs, .. } => {
                visit(lhs);
                visit(rhs);
            }
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => {
                visit(cond);
                visit(then);
                visit(otherwise);
            }
            ExprKind::Call { args, .. } => args.iter_mut().for_each(visit),
            ExprKind::Tuple(elems) | ExprKind::Array(elems) | ExprKind::Struct(elems) => {
                elems.iter_mut().for_each(visit);
            }
        }
    }

    /// The place that it reads from or points to, if there is one.
    pub fn place_mut(&mut self) -> Option<&mut Place> {
        match self {
            ExprKind::Load(place)
            | ExprKind::Len(place)
            | ExprKind::Borrow(place)
            | ExprKind::SubSlice { base: place, .. } => Some(place),
            _ => None,
        }
    }

    /// The site of the operation itself: not those of a place's indices.
    pub fn site(&self) -> Option<SiteId> {
        match self {
            ExprKind::Unary { site, .. }
            | ExprKind::Binary { site, .. }
            | ExprKind::Call { site, .. }
            | ExprKind::SubSlice { site, .. } => *site,
            ExprKind::NumCast { site, .. } => Some(*site),
            ExprKind::Const(_)
            | ExprKind::Named(_)
            | ExprKind::DebugAssertions
            | ExprKind::Load(_)
            | ExprKind::Len(_)
            | ExprKind::Borrow(_)
            | ExprKind::Table(_)
            | ExprKind::Array(_)
            | ExprKind::Repeat(_)
            | ExprKind::Struct(_)
            | ExprKind::Zeroed
            | ExprKind::ShortCircuit { .. }
            | ExprKind::Select { .. }
            | ExprKind::Cast { .. }
            | ExprKind::NumCastFits { .. }
            | ExprKind::Tuple(_) => None,
        }
    }

    /// The place that it reads from or points to, if there is one.
    pub fn place(&self) -> Option<&Place> {
        match self {
            ExprKind::Load(place)
            | ExprKind::Len(place)
            | ExprKind::Borrow(place)
            | ExprKind::SubSlice { base: place, .. } => Some(place),
            ExprKind::Const(_)
            | ExprKind::Named(_)
            | ExprKind::DebugAssertions
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::ShortCircuit { .. }
            | ExprKind::Select { .. }
            | ExprKind::Cast { .. }
            | ExprKind::NumCast { .. }
            | ExprKind::NumCastFits { .. }
            | ExprKind::Call { .. }
            | ExprKind::Tuple(_)
            | ExprKind::Table(_)
            | ExprKind::Array(_)
            | ExprKind::Repeat(_)
            | ExprKind::Struct(_)
            | ExprKind::Zeroed => None,
        }
    }
}

impl StmtKind {
    /// Where the statement stores.
    pub fn place(&self) -> Option<&Place> {
        match self {
            StmtKind::Assign { place, .. } => Some(place),
            StmtKind::Call { result, .. } | StmtKind::HostCall { result, .. } => result.as_ref(),
            StmtKind::Parallel(parallel) => parallel.result.as_ref(),
            StmtKind::Eval(_)
            | StmtKind::If { .. }
            | StmtKind::For(_)
            | StmtKind::While { .. }
            | StmtKind::Forever { .. }
            | StmtKind::Labeled { .. }
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Return(_)
            | StmtKind::Trap { .. } => None,
        }
    }

    /// Where the statement stores.
    pub fn place_mut(&mut self) -> Option<&mut Place> {
        match self {
            StmtKind::Assign { place, .. } => Some(place),
            StmtKind::Call { result, .. } | StmtKind::HostCall { result, .. } => result.as_mut(),
            StmtKind::Parallel(parallel) => parallel.result.as_mut(),
            _ => None,
        }
    }

    /// The blocks directly inside, in order.
    pub fn blocks_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Block> {
        let (first, second) = match self {
            StmtKind::If {
                then, otherwise, ..
            } => (Some(then), Some(otherwise)),
            StmtKind::For(for_loop) => (Some(&mut for_loop.body), None),
            StmtKind::While { body, .. }
            | StmtKind::Forever { body, .. }
            | StmtKind::Labeled { body, .. } => (Some(body), None),
            _ => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// Calls `visit` with each expression that the statement itself evaluates, in order of evaluation; those of nested
    /// blocks are left out.
    pub fn for_each_expr(&self, mut visit: impl FnMut(ExprId)) {
        match self {
            StmtKind::Assign { place, value } => {
                visit(*value);
                place.for_each_index(visit);
            }
            StmtKind::Eval(value) => visit(*value),
            StmtKind::If { cond, .. } | StmtKind::While { cond, .. } => visit(*cond),
            StmtKind::For(for_loop) => {
                visit(for_loop.start);
                visit(for_loop.end);
                visit(for_loop.step);
            }
            StmtKind::Return(value) => value.iter().copied().for_each(visit),
            StmtKind::Trap { operands, .. } => operands.iter().copied().for_each(visit),
            StmtKind::Call { args, result, .. } | StmtKind::HostCall { args, result, .. } => {
                args.iter().copied().for_each(&mut visit);
                if let Some(place) = result {
                    place.for_each_index(visit);
                }
            }
            StmtKind::Parallel(parallel) => {
                let Parallel {
                    count,
                    work,
                    accumulators,
                    identities,
                    captures,
                    result,
                    ..
                } = &**parallel;
                visit(*count);
                visit(*work);
                let values = accumulators.iter().chain(identities).chain(captures);
                values.copied().for_each(&mut visit);
                if let Some(place) = result {
                    place.for_each_index(visit);
                }
            }
            StmtKind::Forever { .. }
            | StmtKind::Labeled { .. }
            | StmtKind::Break(_)
            | StmtKind::Continue(_) => {}
        }
    }

    /// The blocks directly inside, in order.
    pub fn blocks(&self) -> impl DoubleEndedIterator<Item = &Block> {
        let (first, second) = match self {
            StmtKind::If {
                then, otherwise, ..
            } => (Some(then), Some(otherwise)),
            StmtKind::For(for_loop) => (Some(&for_loop.body), None),
            StmtKind::While { body, .. }
            | StmtKind::Forever { body, .. }
            | StmtKind::Labeled { body, .. } => (Some(body), None),
            StmtKind::Assign { .. }
            | StmtKind::Eval(_)
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Return(_)
            | StmtKind::Trap { .. }
            | StmtKind::Call { .. }
            | StmtKind::HostCall { .. }
            | StmtKind::Parallel(_) => (None, None),
        };
        first.into_iter().chain(second)
    }
}

impl Block {
    /// Calls `visit` with every statement inside, nested ones included, in the order of the text.
    pub fn for_each_stmt<'a>(&'a self, mut visit: impl FnMut(&'a Stmt)) {
        let mut open = vec![self.stmts.iter()];
        while let Some(stmts) = open.last_mut() {
            let Some(stmt) = stmts.next() else {
                open.pop();
                continue;
            };
            visit(stmt);
            open.extend(stmt.kind.blocks().rev().map(|block| block.stmts.iter()));
        }
    }

    /// How deep blocks nest; see [`MAX_BLOCK_DEPTH`].
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        let mut open = vec![(self, 1)];
        while let Some((block, depth)) = open.pop() {
            deepest = deepest.max(depth);
            for stmt in &block.stmts {
                open.extend(stmt.kind.blocks().map(|inner| (inner, depth + 1)));
            }
        }
        deepest
    }
}

impl Function {
    /// Calls `visit` with every type that is written somewhere, and where.
    pub fn for_each_ty<'a>(&'a self, mut visit: impl FnMut(&'a Ty, Span)) {
        visit(&self.result, Span::UNKNOWN);
        for table in &self.tables {
            visit(&table.ty, Span::UNKNOWN);
        }
        for (_, local) in self.locals.iter() {
            visit(&local.ty, local.span);
        }
        for (_, site) in self.sites.iter() {
            for ty in &site.operands {
                visit(ty, site.span);
            }
        }
        for (id, expr) in self.exprs.iter() {
            let span = self.span_of(id);
            visit(&expr.ty, span);
            if let ExprKind::NumCastFits { target, .. } = &expr.kind {
                visit(target, span);
            }
        }
    }

    /// Whether blocks and types nest at most as deep as the limits say, so that walks may recurse over them.
    pub fn depths_fit(&self) -> bool {
        let mut fit = self.body.depth() <= MAX_BLOCK_DEPTH;
        self.for_each_ty(|ty, _| fit &= ty.depth() <= MAX_TYPE_DEPTH);
        fit
    }
}

/// Calls `visit` with every site that something names, the types of the operands that it traps with, and where it is.
/// The types are unknown where handles are out of bounds.
pub(crate) fn for_each_trap(func: &Function, mut visit: impl FnMut(SiteId, Option<Vec<Ty>>, Span)) {
    let ty_of = |id: &ExprId| func.exprs.get(*id).map(|expr| expr.ty.clone());
    let types = |ids: &[ExprId]| ids.iter().map(ty_of).collect();
    let index = || Some(vec![Ty::USIZE; 2]);
    for (id, expr) in func.exprs.iter() {
        let span = func.span_of(id);
        if let Some(place) = expr.kind.place() {
            place.for_each_site(|site| visit(site, index(), span));
        }
        let Some(site) = expr.kind.site() else {
            continue;
        };
        let operands = match &expr.kind {
            ExprKind::Unary { operand, .. } | ExprKind::NumCast { operand, .. } => {
                types(&[*operand])
            }
            ExprKind::Binary { lhs, rhs, .. } => types(&[*lhs, *rhs]),
            ExprKind::Call { args, .. } => types(args),
            ExprKind::SubSlice { .. } => Some(vec![Ty::USIZE; 3]),
            _ => None,
        };
        visit(site, operands, span);
    }
    func.body.for_each_stmt(|stmt| {
        if let Some(place) = stmt.kind.place() {
            place.for_each_site(|site| visit(site, index(), stmt.span));
        }
        if let StmtKind::Trap { site, operands } = &stmt.kind {
            visit(*site, types(operands), stmt.span);
        }
    });
}

impl Ty {
    /// How deep the type nests; see [`MAX_TYPE_DEPTH`].
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        let mut open = vec![(self, 1)];
        while let Some((ty, depth)) = open.pop() {
            deepest = deepest.max(depth);
            open.extend(ty.parts().map(|part| (part, depth + 1)));
        }
        deepest
    }
}

/// Whether the tree below `root` is at most `limit` deep. Also false for cycles; handles out of bounds are leaves.
/// Visits no more than `limit` levels, but a shared operand is visited for each use: check that expressions form
/// trees first.
pub(crate) fn expr_depth_within(exprs: &Arena<Expr>, root: ExprId, limit: usize) -> bool {
    let mut open = vec![(root, 1)];
    while let Some((id, depth)) = open.pop() {
        if depth > limit {
            return false;
        }
        if let Some(expr) = exprs.get(id) {
            expr.kind
                .for_each_operand(|operand| open.push((operand, depth + 1)));
        }
    }
    true
}
