//! Expressions.

use crate::hir::{self, Span};

use super::diag::Code;
use super::infer::{ITy, Len};
use super::state::{Check, Digits, Lowering, OperatorClass, PendingLiteral, Value};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection, UnaryOp};
use crate::func::{CONSTANT, SiteKind};
use crate::stmt::StmtKind;
use crate::ty::ScalarTy;

impl Lowering<'_> {
    /// An expression whose value is used.
    pub(super) fn lower_operand(&mut self, expr: &hir::Expr) -> ExprId {
        match self.lower_expr(expr) {
            Value::Expr(expr) => expr,
            Value::Unit => {
                self.refuse_unit(expr.span());
                self.poison(expr.span())
            }
            Value::Never => {
                if self.diags.is_empty() {
                    self.diags.report(
                        Code::Expression,
                        expr.span(),
                        "an operand that never has a value cannot be captured by `#[jit]`",
                        "make it a statement of its own",
                    );
                }
                self.poison(expr.span())
            }
        }
    }

    /// Any expression.
    pub(super) fn lower_expr(&mut self, expr: &hir::Expr) -> Value {
        match expr {
            hir::Expr::Paren(paren) => {
                let value = self.lower_expr(&paren.expr);
                self.include_parens(paren, &value);
                value
            }
            hir::Expr::Group(inner) => self.lower_expr(&inner.expr),
            hir::Expr::Lit(lit) => Value::Expr(self.lower_literal(&lit.lit, false)),
            hir::Expr::Path(path) => Value::Expr(self.lower_path(path)),
            hir::Expr::Index(_) | hir::Expr::Field(_) => self.lower_place_value(expr),
            hir::Expr::Unary(unary) if matches!(unary.op, hir::UnOp::Deref(_)) => {
                self.lower_place_value(expr)
            }
            hir::Expr::Unary(unary) => self.lower_unary(unary),
            hir::Expr::Binary(binary) => self.lower_binary(binary),
            hir::Expr::Assign(assign) => self.lower_assign(assign),
            hir::Expr::Cast(cast) => Value::Expr(self.lower_cast(cast)),
            hir::Expr::Tuple(tuple) if tuple.elems.is_empty() => Value::Unit,
            hir::Expr::Tuple(tuple) => {
                let elems = self.lower_operands(&tuple.elems);
                let tys = elems.iter().map(|elem| self.ty_of(*elem)).collect();
                let ty = ITy::Tuple(tys);
                Value::Expr(self.push_expr(ExprKind::Tuple(elems), ty, tuple.span()))
            }
            hir::Expr::Closure(closure) => Value::Expr(self.lower_closure(closure)),
            hir::Expr::Range(range) => Value::Expr(self.lower_range_value(range)),
            hir::Expr::Array(array) => self.lower_array(array),
            hir::Expr::Repeat(repeat) => self.lower_repeat(repeat),
            hir::Expr::Reference(reference) => Value::Expr(self.lower_borrow(reference)),
            hir::Expr::Struct(expr) => Value::Expr(self.lower_struct(expr)),
            hir::Expr::Unsafe(expr) => self.lower_block(&expr.block),
            hir::Expr::Block(block) => match &block.label {
                None => self.lower_block(&block.block),
                Some(label) => self.lower_labeled_block(label, &block.block),
            },
            hir::Expr::If(expr) => self.lower_if(expr),
            hir::Expr::ForLoop(expr) => self.lower_for(expr),
            hir::Expr::While(expr) => self.lower_while(expr),
            hir::Expr::Loop(expr) => self.lower_loop(expr, false),
            hir::Expr::Break(expr) => self.lower_break(expr),
            hir::Expr::Continue(expr) => self.lower_continue(expr),
            hir::Expr::Return(expr) => self.lower_return(expr),
            hir::Expr::MethodCall(call) => self.lower_method_call(call),
            hir::Expr::Call(call) => self.lower_call(call),
            hir::Expr::Macro(expr) => self.lower_macro(&expr.mac, false),
            hir::Expr::Match(expr) => self.lower_match(expr),
            hir::Expr::Try(expr) => self.lower_try(expr),
            hir::Expr::Const(expr) => match self.lower_block(&expr.block) {
                Value::Expr(value)
                    if !matches!(self.exprs[value].kind, ExprKind::Const(_))
                        && !self.context_is_open() =>
                {
                    let ty = self.ty_of(value);
                    let name = format!("{CONSTANT}{{..}}");
                    let local = self.push_local(name, ty, false, expr.const_token);
                    self.assign(local, value);
                    Value::Expr(self.load_local(local, expr.const_token))
                }
                value => value,
            },
            other => {
                self.refuse_expr(other);
                Value::Expr(self.poison(other.span()))
            }
        }
    }

    /// rustc locates the panic of an operation in parentheses at the parenthesis.
    pub(super) fn include_parens(&mut self, paren: &hir::ExprParen, value: &Value) {
        let site = match (strip_parens(&paren.expr), value) {
            (hir::Expr::Binary(binary), Value::Unit) => compound_op(&binary.op)
                .filter(|op| op.may_trap())
                .and_then(|_| self.sites.len().checked_sub(1))
                .map(crate::arena::Handle::from_index),
            (
                hir::Expr::Binary(_)
                | hir::Expr::Unary(_)
                | hir::Expr::Index(_)
                | hir::Expr::Call(_),
                Value::Expr(expr),
            ) => match &self.exprs[*expr].kind {
                ExprKind::Unary { site, .. }
                | ExprKind::Binary { site, .. }
                | ExprKind::Call { site, .. } => *site,
                ExprKind::Load(place) => place.index_site(),
                _ => None,
            },
            _ => None,
        };
        if let Some(site) = site
            && !self.is_of_user_index(&paren.expr, site)
        {
            self.sites[site.index()].span = paren.span();
        }
    }

    pub(super) fn refuse(&mut self, span: Span, what: &str, help: &str) {
        self.diags.report(
            Code::Expression,
            span,
            format!("{what} cannot be captured by `#[jit]`"),
            help,
        );
    }

    fn refuse_expr(&mut self, expr: &hir::Expr) {
        let (span, what, help) = match expr {
            hir::Expr::Match(expr) => (expr.match_token, "`match`", "use `if` and `else`"),
            hir::Expr::Let(expr) => return self.refuse_let_condition(expr),
            hir::Expr::Refused(refusal) => return self.diags.refuse(refusal),
            hir::Expr::Try(expr) => (
                expr.question_token,
                "`?`",
                "test the value with `if` and return a flag",
            ),
            hir::Expr::Const(expr) => (expr.const_token, "`const` blocks", "write the value out"),
            other => (
                other.span(),
                "this expression",
                "use arithmetic, indexing, loops and `if`",
            ),
        };
        self.refuse(span, what, help);
    }

    // Literals.

    pub(super) fn lower_literal(&mut self, lit: &hir::Lit, negative: bool) -> ExprId {
        let span = lit.span();
        match lit {
            hir::Lit::Bool(value, _) => {
                let value = ConstValue::Bool(*value);
                self.push_expr(ExprKind::Const(value), ITy::BOOL, span)
            }
            hir::Lit::Byte(value, _) => {
                let value = ConstValue::Int(u128::from(*value));
                self.push_expr(ExprKind::Const(value), ScalarTy::U8.into(), span)
            }
            hir::Lit::Int(lit) => {
                let suffix = ScalarTy::from_name(&lit.suffix);
                if suffix.is_some_and(ScalarTy::is_float) {
                    let digits = Digits::Float(lit.digits.clone());
                    return self.push_literal(digits, negative, suffix, span);
                }
                match lit.digits.parse::<u128>() {
                    Ok(value) => self.push_literal(Digits::Integer(value), negative, suffix, span),
                    Err(_) => {
                        self.diags.report(
                            Code::Literal,
                            span,
                            "this integer does not fit any type",
                            "write a smaller one",
                        );
                        self.poison(span)
                    }
                }
            }
            hir::Lit::Float(lit) => {
                let suffix = ScalarTy::from_name(&lit.suffix);
                let digits = Digits::Float(lit.digits.clone());
                self.push_literal(digits, negative, suffix, span)
            }
            hir::Lit::ByteStr(bytes, _) => self.byte_string(bytes, span),
            hir::Lit::Char(value, _) => self.char_const(*value, span),
            _ => {
                self.diags.report(
                    Code::Literal,
                    span,
                    "string literals cannot be captured by `#[jit]`: they are no numbers",
                    "pass the bytes as a `&[u8]` parameter",
                );
                self.poison(span)
            }
        }
    }

    fn push_literal(
        &mut self,
        digits: Digits,
        negative: bool,
        suffix: Option<ScalarTy>,
        span: Span,
    ) -> ExprId {
        let ty = match (suffix, &digits) {
            (Some(suffix), _) => ITy::Scalar(suffix),
            (None, Digits::Integer(_)) => self.infer.fresh_integer(),
            (None, Digits::Float(_)) => self.infer.fresh_float(),
        };
        let placeholder = match &digits {
            Digits::Integer(value) => ConstValue::Int(*value),
            Digits::Float(_) => ConstValue::F64(0),
        };
        let expr = self.push_expr(ExprKind::Const(placeholder), ty, span);
        self.literals.push(PendingLiteral {
            expr,
            digits,
            negative,
        });
        expr
    }

    // Operators.

    fn lower_unary(&mut self, unary: &hir::ExprUnary) -> Value {
        let span = unary.span();
        let op = match &unary.op {
            hir::UnOp::Neg(_) => {
                // `-128i8` is one literal: its digits alone would not fit.
                if let Some(hir::Expr::Lit(hir::ExprLit {
                    lit: lit @ (hir::Lit::Int(_) | hir::Lit::Float(_)),
                    ..
                })) = literal_operand(&unary.expr)
                {
                    let expr = self.lower_literal(lit, true);
                    self.expr_spans[expr.index()] = span;
                    let ty = self.ty_of(expr);
                    self.checks.push(Check::Operator {
                        op: OperatorClass::Neg,
                        ty,
                        span,
                    });
                    return Value::Expr(expr);
                }
                UnaryOp::Neg
            }
            hir::UnOp::Not(_) => UnaryOp::Not,
            // A place: [`Lowering::lower_place_value`].
            hir::UnOp::Deref(_) => return Value::Expr(self.poison(span)),
        };
        let operand = self.lower_operand(&unary.expr);
        let operand = self.as_reference(&unary.expr, operand, true);
        if let Some(value) = self.call_operator(unary.op.span(), &[operand], span) {
            return value;
        }
        let operand = self.auto_deref(operand);
        if let Some(value) = self.wrapping_unary(op, operand, (span, unary.op.span())) {
            return Value::Expr(value);
        }
        let ty = self.ty_of(operand);
        let (class, site) = match op {
            UnaryOp::Neg => (
                OperatorClass::Neg,
                Some(self.push_site(SiteKind::Neg, span, vec![ty.clone()])),
            ),
            UnaryOp::Not => (OperatorClass::Bit, None),
        };
        self.checks.push(Check::Operator {
            op: class,
            ty: ty.clone(),
            span: unary.op.span(),
        });
        Value::Expr(self.push_expr(ExprKind::Unary { op, operand, site }, ty, span))
    }

    fn lower_binary(&mut self, binary: &hir::ExprBinary) -> Value {
        let span = binary.span();
        if let Some(op) = compound_op(&binary.op) {
            self.lower_compound(op, binary);
            return Value::Unit;
        }
        if matches!(binary.op, hir::BinOp::And(_) | hir::BinOp::Or(_)) {
            return Value::Expr(self.lower_short_circuit(binary, span));
        }
        Value::Expr(self.lower_chain(binary))
    }

    /// `a + b * c - d ..`: the chain of left operands without recursion, as such chains may be long.
    fn lower_chain(&mut self, binary: &hir::ExprBinary) -> ExprId {
        let mut chain = vec![binary];
        let mut first = &*binary.left;
        while let hir::Expr::Binary(inner) = first
            && plain_op(&inner.op).is_some()
        {
            chain.push(inner);
            first = &inner.left;
        }
        let lhs = self.lower_operand(first);
        let mut lhs = self.as_reference(first, lhs, true);
        for binary in chain.into_iter().rev() {
            let span = binary.span();
            let Some(op) = plain_op(&binary.op) else {
                self.refuse(
                    binary.op.span(),
                    "this operator",
                    "use an arithmetic, bit or comparison operator",
                );
                return self.poison(span);
            };
            lhs = self.limit_depth(lhs);
            let lhs_time = self.now();
            let rhs = self.lower_operand(&binary.right);
            let rhs = self.as_reference(&binary.right, rhs, true);
            let rhs = self.limit_depth(rhs);
            let operands = self.settle_all(vec![(lhs, lhs_time), (rhs, self.now())]);
            let node = binary.op.span();
            if !op.is_shift() {
                self.expect_operand(operands[0], operands[1]);
            }
            if op.is_comparison() {
                self.expect_compared(operands[0], operands[1]);
            }
            if !op.is_comparison()
                && let Some(value) = self.call_operator(node, &operands, span)
            {
                lhs = match value {
                    Value::Expr(value) => value,
                    Value::Unit | Value::Never => {
                        self.refuse_unit(span);
                        self.poison(span)
                    }
                };
                continue;
            }
            if op.is_comparison()
                && let Some(value) = self.call_comparison(op, node, &operands, span)
            {
                lhs = value;
                continue;
            }
            let (left, right) = (self.auto_deref(operands[0]), self.auto_deref(operands[1]));
            let around = self.equality.take();
            if matches!(op, BinaryOp::Eq | BinaryOp::Ne) {
                self.equality = Some((node, op));
                self.ask_equality(node, &[left, right]);
            }
            lhs = self.binary(op, left, right, span, node);
            self.equality = around;
        }
        lhs
    }

    /// An operator on lowered operands.
    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        lhs: ExprId,
        rhs: ExprId,
        span: Span,
        op_span: Span,
    ) -> ExprId {
        if self.refuse_array_operator(op, [lhs, rhs], op_span) {
            return self.poison(span);
        }
        if let Some(result) = self.compare_parts(op, lhs, rhs, op_span) {
            return result;
        }
        if let Some(result) = self.wrapping_binary(op, lhs, rhs, (span, op_span)) {
            return result;
        }
        let ty = self.ty_of(lhs);
        let rhs_ty = self.ty_of(rhs);
        if op.is_shift() {
            self.checks.push(Check::Operator {
                op: OperatorClass::Shift,
                ty: rhs_ty.clone(),
                span: op_span,
            });
            // num-traits' `PrimInt` shifts by `usize`.
            if matches!(self.infer.shallow(&ty), ITy::Param(_)) {
                self.expect_expr(rhs, &ITy::USIZE);
            }
        } else if self.infer.unify(&ty, &rhs_ty).is_err() {
            let (left, right) = (self.show(&ty), self.show(&rhs_ty));
            let help = match (self.infer.shallow(&ty), self.infer.shallow(&rhs_ty)) {
                (ITy::Param(_), _) => format!("convert it: `{left}::from(x).unwrap()`"),
                (_, ITy::Param(_)) => format!("convert it: `{right}::from(x).unwrap()`"),
                _ => "give both sides the same type, with a suffix or with `as`".to_owned(),
            };
            self.diags.report(
                Code::Mismatch,
                op_span,
                format!(
                    "`{}` between `{left}` and `{right}` cannot be captured by `#[jit]`",
                    op.symbol()
                ),
                help,
            );
        }
        let class = match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {
                OperatorClass::Arithmetic
            }
            BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor => OperatorClass::Bit,
            BinaryOp::Shl | BinaryOp::Shr => OperatorClass::Shift,
            BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Lt
            | BinaryOp::Le
            | BinaryOp::Gt
            | BinaryOp::Ge => OperatorClass::Compare,
        };
        self.checks.push(Check::Operator {
            op: class,
            ty: ty.clone(),
            span: op_span,
        });
        let site = op.may_trap().then(|| {
            let operands = vec![ty.clone(), rhs_ty.clone()];
            self.push_site(SiteKind::Binary(op), span, operands)
        });
        let result = if op.is_comparison() {
            ITy::BOOL
        } else if !op.is_shift() && matches!(self.infer.shallow(&rhs_ty), ITy::Unknown(_)) {
            // `f64 * Complex` is no `f64`.
            rhs_ty
        } else {
            ty
        };
        self.push_expr(ExprKind::Binary { op, lhs, rhs, site }, result, span)
    }

    fn lower_short_circuit(&mut self, binary: &hir::ExprBinary, span: Span) -> ExprId {
        let or = matches!(binary.op, hir::BinOp::Or(_));
        let lhs = self.lower_condition(&binary.left);
        let (rhs, stmts) = self.in_frame(|this| this.lower_condition(&binary.right));
        if stmts.is_empty() {
            let kind = ExprKind::ShortCircuit { or, lhs, rhs };
            return self.push_expr(kind, ITy::BOOL, span);
        }
        // The right side needs statements, so the whole becomes `if lhs { stmts; rhs } else { false }`.
        let temp = self.push_temp(ITy::BOOL, true, span);
        self.assign(temp, lhs);
        let cond = self.load_local(temp, span);
        let ((), decide) = self.in_frame(|this| {
            this.emit_all(stmts);
            this.assign(temp, rhs);
        });
        let decide = crate::stmt::Block { stmts: decide };
        let (then, otherwise) = if or {
            (crate::stmt::Block::default(), decide)
        } else {
            (decide, crate::stmt::Block::default())
        };
        self.emit(
            StmtKind::If {
                cond,
                then,
                otherwise,
            },
            span,
        );
        self.load_local(temp, span)
    }

    fn lower_cast(&mut self, cast: &hir::ExprCast) -> ExprId {
        let span = cast.span();
        let operand = self.lower_operand(&cast.expr);
        let Some(ty) = self.lower_ty(&cast.ty) else {
            return self.poison(span);
        };
        // rustc gives a literal the type that it is cast to, where it can.
        let from = self.ty_of(operand);
        if passes_expectation(&cast.expr)
            && self.infer.is_literal_var(&from)
            && matches!(self.infer.shallow(&ty), ITy::Scalar(_))
        {
            // An integer literal that is cast to a float keeps its default type.
            let _ = self.infer.unify(&from, &ty);
        }
        // Only a `u8` can be cast to a `char`.
        if self.infer.shallow(&ty) == ITy::Char {
            self.expect_ty(&from, &ScalarTy::U8.into(), cast.as_token);
        }
        self.checks.push(Check::Cast {
            from,
            to: ty.clone(),
            span: cast.as_token,
        });
        self.cast(operand, ty, span)
    }

    // Assignments.

    fn lower_assign(&mut self, assign: &hir::ExprAssign) -> Value {
        let span = assign.span();
        let left = strip_groups(&assign.left);
        if let hir::Expr::Infer(_) = left {
            if let Value::Expr(value) = self.lower_expr(&assign.right) {
                self.drop_value(value);
            }
            return Value::Unit;
        }
        if let hir::Expr::Tuple(hir::ExprTuple { elems, .. })
        | hir::Expr::Array(hir::ExprArray { elems, .. }) = left
        {
            return self.lower_tuple_assign(elems, left, &assign.right);
        }
        let value = match self.lower_expr(&assign.right) {
            Value::Expr(value) => value,
            Value::Never => return Value::Never,
            Value::Unit => {
                self.refuse_unit(assign.right.span());
                return Value::Unit;
            }
        };
        // The value comes first, then the place; so says `StmtKind::Assign`, too.
        let (target, stmts) = self.in_frame(|this| this.lower_target(&assign.left));
        let Some((place, ty)) = target else {
            self.emit_all(stmts);
            return Value::Unit;
        };
        let value = self.coerce(value, &ty);
        let value = if stmts.is_empty() {
            value
        } else {
            self.evaluate(value)
        };
        self.emit_all(stmts);
        self.emit(StmtKind::Assign { place, value }, span);
        Value::Unit
    }

    /// `(a, b[i]) = value`, `[a, b] = value`: the value, then the assignments from left to right.
    fn lower_tuple_assign(
        &mut self,
        targets: &[hir::Expr],
        left: &hir::Expr,
        right: &hir::Expr,
    ) -> Value {
        let value = match self.lower_expr(right) {
            Value::Expr(value) => value,
            Value::Never => return Value::Never,
            Value::Unit => {
                self.refuse_unit(right.span());
                return Value::Unit;
            }
        };
        // Each element is evaluated before the first assignment.
        if let (ExprKind::Tuple(elems), hir::Expr::Tuple(_)) =
            (self.exprs[value].kind.clone(), left)
            && elems.len() == targets.len()
        {
            self.discard(value);
            let elems: Vec<_> = elems.into_iter().map(|elem| self.keep(elem)).collect();
            for (target, elem) in targets.iter().zip(elems) {
                self.assign_part(target, elem);
            }
            return Value::Unit;
        }
        let shape = self.targets_ty(left);
        let ty = self.ty_of(value);
        if !matches!(self.infer.shallow(&ty), ITy::Struct(_)) {
            self.expect_expr(value, &shape);
        }
        let (place, _) = self.hold_value(value);
        self.assign_parts(targets, left, &place);
        Value::Unit
    }

    /// Evaluates into a variable, unless it is one that does not change.
    fn keep(&mut self, value: ExprId) -> ExprId {
        let (place, ty) = match self.exprs[value].kind {
            // The type of a literal may still be open.
            ExprKind::Const(_) => return value,
            _ => self.hold_value(value),
        };
        let span = self.span_of(value);
        self.push_expr(ExprKind::Load(place), ty, span)
    }

    /// The type that a tuple or array of targets has by its shape.
    fn targets_ty(&mut self, targets: &hir::Expr) -> ITy {
        match strip_groups(targets) {
            hir::Expr::Tuple(tuple) => ITy::Tuple(
                tuple
                    .elems
                    .iter()
                    .map(|elem| self.targets_ty(elem))
                    .collect(),
            ),
            hir::Expr::Array(array) => ITy::Array {
                elem: Box::new(self.infer.fresh()),
                len: Len::Known(array.elems.len() as u64),
            },
            _ => self.infer.fresh(),
        }
    }

    fn assign_part(&mut self, target: &hir::Expr, value: ExprId) {
        match strip_groups(target) {
            hir::Expr::Infer(_) => self.drop_value(value),
            left @ (hir::Expr::Tuple(hir::ExprTuple { elems, .. })
            | hir::Expr::Array(hir::ExprArray { elems, .. })) => {
                let shape = self.targets_ty(left);
                self.expect_expr(value, &shape);
                let (place, _) = self.hold_value(value);
                self.assign_parts(elems, left, &place);
            }
            _ => {
                let Some((place, ty)) = self.lower_target(target) else {
                    return;
                };
                let value = self.coerce(value, &ty);
                self.emit(StmtKind::Assign { place, value }, target.span());
            }
        }
    }

    /// Assigns the parts of `from`, of which nobody else knows, to the targets.
    fn assign_parts(&mut self, targets: &[hir::Expr], left: &hir::Expr, from: &Place) {
        let span = left.span();
        for (index, target) in targets.iter().enumerate() {
            let mut part = from.clone();
            part.projections.push(match strip_groups(left) {
                hir::Expr::Array(_) => Projection::Index {
                    index: self.count(index as u64, span),
                    site: None,
                },
                _ => Projection::Field(index as u32),
            });
            let ty = self.place_ty(&part);
            let value = self.push_expr(ExprKind::Load(part), ty, target.span());
            self.assign_part(target, value);
        }
    }

    /// `place op= value`. For numbers, Rust evaluates the value first and the place after it; for a type parameter, whose
    /// operator is a method, the place first.
    fn lower_compound(&mut self, op: BinaryOp, binary: &hir::ExprBinary) {
        let span = binary.span();
        if self.view_compound(op, binary) || self.call_compound(binary) {
            return;
        }
        if let Some(place_first) = self.is_generic_place(&binary.left)
            && place_first
        {
            let Some((place, ty)) = self.lower_target(&binary.left) else {
                return;
            };
            let place = self.fix_place(place, true, span);
            let rhs = self.lower_operand(&binary.right);
            let rhs = self.auto_deref(rhs);
            self.finish_compound(op, binary, place, ty, rhs);
            return;
        }
        let rhs = self.lower_operand(&binary.right);
        let rhs = match self.context_is_open() {
            true => self.as_reference(&binary.right, rhs, true),
            false => self.auto_deref(rhs),
        };
        let then = self.now();
        let Some((place, ty)) = self.lower_target(&binary.left) else {
            return;
        };
        let rhs = self.settle(rhs, then);
        let rhs = if self.place_is_stable(&place)
            && !(self.place_may_trap(&place) && self.may_trap(rhs))
        {
            rhs
        } else {
            self.evaluate(rhs)
        };
        let place = self.fix_place(place, false, span);
        self.finish_compound(op, binary, place, ty, rhs);
    }

    fn finish_compound(
        &mut self,
        op: BinaryOp,
        binary: &hir::ExprBinary,
        place: Place,
        ty: ITy,
        rhs: ExprId,
    ) {
        let span = binary.span();
        if self.ask_compound(binary, &ty, rhs) {
            return;
        }
        let rhs = self.auto_deref(rhs);
        let again = self.copy_place(&place);
        let current = self.push_expr(ExprKind::Load(again), ty, binary.left.span());
        if !op.is_shift() {
            self.expect_operand(current, rhs);
        }
        let value = self.binary(op, current, rhs, span, binary.op.span());
        self.emit(StmtKind::Assign { place, value }, span);
    }
}

fn strip_parens(mut expr: &hir::Expr) -> &hir::Expr {
    while let hir::Expr::Paren(inner) = expr {
        expr = &inner.expr;
    }
    expr
}

/// Without parentheses, written ones and those that a macro puts around its arguments.
pub(super) fn strip_groups(mut expr: &hir::Expr) -> &hir::Expr {
    while let hir::Expr::Paren(hir::ExprParen { expr: inner, .. })
    | hir::Expr::Group(hir::ExprGroup { expr: inner, .. }) = expr
    {
        expr = inner;
    }
    expr
}

fn literal_operand(expr: &hir::Expr) -> Option<&hir::Expr> {
    match expr {
        hir::Expr::Lit(_) => Some(expr),
        hir::Expr::Group(inner) => literal_operand(&inner.expr),
        // rustc's syntax tree has no parentheses at this point: `-(128)` is a literal, too.
        hir::Expr::Paren(inner) => literal_operand(&inner.expr),
        _ => None,
    }
}

/// Whether rustc lets the type that is expected of an expression reach a literal in it.
fn passes_expectation(expr: &hir::Expr) -> bool {
    match expr {
        hir::Expr::Lit(_) => true,
        hir::Expr::Paren(inner) => passes_expectation(&inner.expr),
        hir::Expr::Group(inner) => passes_expectation(&inner.expr),
        hir::Expr::Unary(unary) => passes_expectation(&unary.expr),
        hir::Expr::Block(block) => block_passes_expectation(&block.block),
        // The branches of an `if` have to agree with each other only.
        _ => false,
    }
}

fn block_passes_expectation(block: &hir::Block) -> bool {
    matches!(block.stmts.last(), Some(hir::Stmt::Expr(expr, false)) if passes_expectation(expr))
}

fn plain_op(op: &hir::BinOp) -> Option<BinaryOp> {
    Some(match op {
        hir::BinOp::Add(_) => BinaryOp::Add,
        hir::BinOp::Sub(_) => BinaryOp::Sub,
        hir::BinOp::Mul(_) => BinaryOp::Mul,
        hir::BinOp::Div(_) => BinaryOp::Div,
        hir::BinOp::Rem(_) => BinaryOp::Rem,
        hir::BinOp::BitAnd(_) => BinaryOp::BitAnd,
        hir::BinOp::BitOr(_) => BinaryOp::BitOr,
        hir::BinOp::BitXor(_) => BinaryOp::BitXor,
        hir::BinOp::Shl(_) => BinaryOp::Shl,
        hir::BinOp::Shr(_) => BinaryOp::Shr,
        hir::BinOp::Eq(_) => BinaryOp::Eq,
        hir::BinOp::Ne(_) => BinaryOp::Ne,
        hir::BinOp::Lt(_) => BinaryOp::Lt,
        hir::BinOp::Le(_) => BinaryOp::Le,
        hir::BinOp::Gt(_) => BinaryOp::Gt,
        hir::BinOp::Ge(_) => BinaryOp::Ge,
        _ => return None,
    })
}

fn compound_op(op: &hir::BinOp) -> Option<BinaryOp> {
    Some(match op {
        hir::BinOp::AddAssign(_) => BinaryOp::Add,
        hir::BinOp::SubAssign(_) => BinaryOp::Sub,
        hir::BinOp::MulAssign(_) => BinaryOp::Mul,
        hir::BinOp::DivAssign(_) => BinaryOp::Div,
        hir::BinOp::RemAssign(_) => BinaryOp::Rem,
        hir::BinOp::BitAndAssign(_) => BinaryOp::BitAnd,
        hir::BinOp::BitOrAssign(_) => BinaryOp::BitOr,
        hir::BinOp::BitXorAssign(_) => BinaryOp::BitXor,
        hir::BinOp::ShlAssign(_) => BinaryOp::Shl,
        hir::BinOp::ShrAssign(_) => BinaryOp::Shr,
        _ => return None,
    })
}
