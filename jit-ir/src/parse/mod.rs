//! Reads the text form that [`crate::print`](mod@crate::print) describes. What it reads need not be well-formed: trap
//! sites and types may be wrong, so that the verifier can be tested with text.

mod cursor;
mod declare;
mod expr;
mod parallel;
mod place;
mod rename;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use crate::expr::{ConstValue, ExprId, ExprKind, Place};
use crate::func::{FastMath, Function, Local, LocalId, Program, TypeParam};
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, LoopHints, LoopRequest, Stmt, StmtKind};
use crate::text::{canonical_order, fastmath_flags, is_plain_name};
use crate::ty::{StructTy, Ty};
use crate::walk::MAX_BLOCK_DEPTH;
use cursor::Cursor;

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct ParseError {
    /// Line of the text, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

/// The function in a text. Positions that the text does not give are unknown. The function is not verified.
///
/// # Errors
///
/// Where the text is not what [`crate::print`](fn@crate::print) writes.
pub fn parse(text: &str) -> Result<Function, ParseError> {
    Parser::run(text, false)
}

/// The program in a text, as [`parse`] reads a function.
///
/// # Errors
///
/// Where the text is not what [`crate::print_program`] writes.
pub fn parse_program(text: &str) -> Result<Program, ParseError> {
    parse_program_with(text, false)
}

/// As [`parse_program`], with positions as [`parse_with_text_spans`] has them.
///
/// # Errors
///
/// As [`parse_program`].
pub fn parse_program_with_text_spans(text: &str) -> Result<Program, ParseError> {
    parse_program_with(text, true)
}

fn parse_program_with(text: &str, text_spans: bool) -> Result<Program, ParseError> {
    let mut parser = Parser::new(Cursor::new(text), text_spans);
    let mut hosts = Vec::new();
    while parser.cursor.eat_word("host") {
        hosts.push(parser.parse_host()?);
    }
    let mut functions = Vec::new();
    while !parser.cursor.is_at_end() {
        parser.parse_function()?;
        parser.parse_tables()?;
        let rest = Parser::new(parser.cursor.clone(), text_spans);
        functions.push(std::mem::replace(&mut parser, rest).func);
    }
    Ok(Program { functions, hosts })
}

/// As [`parse`], but positions that the text does not give are those in the text itself, so that errors and reports
/// about a function in a test point into the test.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_with_text_spans(text: &str) -> Result<Function, ParseError> {
    Parser::run(text, true)
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    /// Whether positions are those in the text.
    text_spans: bool,
    func: Function,
    /// The structs that are declared, in order.
    structs: Vec<Arc<StructTy>>,
    locals_by_name: HashMap<String, Vec<LocalId>>,
    /// Where each expression starts in the text, in the order in which they are read.
    positions: Vec<Span>,
    /// How many expressions are being read.
    nesting: usize,
}

impl<'t> Parser<'t> {
    fn new(cursor: Cursor<'t>, text_spans: bool) -> Self {
        Parser {
            cursor,
            text_spans,
            func: Function {
                name: String::new(),
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
            structs: Vec::new(),
            locals_by_name: HashMap::new(),
            positions: Vec::new(),
            nesting: 0,
        }
    }
}

impl Parser<'_> {
    fn run(text: &str, text_spans: bool) -> Result<Function, ParseError> {
        let mut parser = Parser::new(Cursor::new(text), text_spans);
        parser.parse_function()?;
        parser.parse_tables()?;
        if !parser.cursor.is_at_end() {
            return Err(parser.cursor.error("expected nothing more"));
        }
        Ok(parser.func)
    }

    fn parse_function(&mut self) -> Result<(), ParseError> {
        if self.cursor.eat_word("module") {
            self.func.module = self.cursor.quoted()?;
            self.cursor.expect(";")?;
        }
        if self.cursor.eat_word("file") {
            self.func.file = self.cursor.quoted()?;
            self.cursor.expect(";")?;
        }
        if self.cursor.eat_word("fastmath") {
            while !self.cursor.eat(";") {
                let word = self.cursor.peek_word();
                let mut flags = fastmath_flags(&mut self.func.fastmath);
                match flags.iter_mut().find(|(name, _)| *name == word) {
                    Some((_, flag)) => **flag = true,
                    None => {
                        return Err(self.cursor.error("expected a liberty of float arithmetic"));
                    }
                }
                self.cursor.word();
            }
        }
        if self.cursor.eat_word("deferred") {
            self.func.deferred = Some(self.cursor.number()?);
            self.cursor.expect(";")?;
        }
        if self.cursor.eat_word("parallel") {
            self.func.parallel = Some(self.parse_parallelism()?);
            self.cursor.expect(";")?;
        }
        if self.cursor.eat_word("unchecked") {
            self.func.unchecked = true;
            self.cursor.expect(";")?;
        }
        while self.cursor.eat_word("struct") {
            self.parse_struct()?;
        }
        self.cursor.expect_word("fn")?;
        self.func.name = self.parse_name()?;
        if self.cursor.eat("<") {
            while !self.cursor.eat(">") {
                let name = self.parse_name()?;
                self.func.type_params.push(TypeParam { name });
                if !self.cursor.peek(">") {
                    self.cursor.expect(",")?;
                }
            }
        }
        self.cursor.expect("(")?;
        while !self.cursor.eat(")") {
            let param = self.parse_declaration()?;
            self.func.params.push(param);
            if !self.cursor.peek(")") {
                self.cursor.expect(",")?;
            }
        }
        if self.cursor.eat("->") {
            self.func.result = self.parse_ty()?;
        }
        self.cursor.expect("{")?;
        while self.cursor.eat_word("let") {
            self.parse_declaration()?;
            self.cursor.expect(";")?;
        }
        while self.cursor.eat_word("table") {
            self.parse_table()?;
        }
        while self.cursor.eat_word("site") {
            self.parse_site_declaration()?;
        }
        self.func.body = self.parse_stmts(MAX_BLOCK_DEPTH - 1)?;
        Ok(())
    }

    /// A name, in quotes or not.
    fn parse_name(&mut self) -> Result<String, ParseError> {
        if self.cursor.peek("\"") {
            return self.cursor.quoted();
        }
        if !is_plain_name(self.cursor.peek_word()) {
            return Err(self.cursor.error("expected a name"));
        }
        Ok(self.cursor.word().to_owned())
    }

    /// `mut x: i32 at 3:4`, which becomes the next local.
    fn parse_declaration(&mut self) -> Result<LocalId, ParseError> {
        let at = self.cursor.position();
        let mutable = self.cursor.eat_word("mut");
        let name = self.parse_name()?;
        self.cursor.expect(":")?;
        let ty = self.parse_ty()?;
        let span = self.parse_at(at)?;
        let id = self.func.locals.push(Local {
            name: name.clone(),
            ty,
            mutable,
            span,
        });
        self.locals_by_name.entry(name).or_default().push(id);
        Ok(id)
    }

    /// `at 3:4`, or else what there is for a position that is not given.
    fn parse_at(&mut self, position: Span) -> Result<Span, ParseError> {
        if self.cursor.eat_word("at") {
            self.parse_span()
        } else {
            Ok(self.default_span(position))
        }
    }

    fn default_span(&self, position: Span) -> Span {
        if self.text_spans {
            position
        } else {
            Span::UNKNOWN
        }
    }

    fn parse_span(&mut self) -> Result<Span, ParseError> {
        let line = self.cursor.number()?;
        self.cursor.expect(":")?;
        let column = self.cursor.number()?;
        let origin = match self.cursor.eat(":") {
            true => self.cursor.number()?,
            false => 0,
        };
        Ok(Span {
            line,
            column,
            origin,
        })
    }

    /// Statements and the `}` behind them; `depth` levels of blocks may be inside.
    fn parse_stmts(&mut self, depth: usize) -> Result<Block, ParseError> {
        let mut block = Block::default();
        while !self.cursor.eat("}") {
            let at = self.cursor.position();
            let span = if self.cursor.eat("[") {
                let span = self.parse_span()?;
                self.cursor.expect("]")?;
                span
            } else {
                self.default_span(at)
            };
            let kind = self.parse_stmt(depth)?;
            block.stmts.push(Stmt { kind, span });
        }
        Ok(block)
    }

    fn parse_block(&mut self, depth: usize) -> Result<Block, ParseError> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.cursor.error("blocks are nested too deep"));
        };
        self.cursor.expect("{")?;
        self.parse_stmts(depth)
    }

    fn parse_stmt(&mut self, depth: usize) -> Result<StmtKind, ParseError> {
        if self.cursor.peek("'") {
            let label = self.parse_label()?;
            self.cursor.expect(":")?;
            return self.parse_labelled(label, depth);
        }
        if self.cursor.eat_word("if") {
            return Ok(StmtKind::If {
                cond: self.parse_expr()?,
                then: self.parse_block(depth)?,
                otherwise: if self.cursor.eat_word("else") {
                    self.parse_block(depth)?
                } else {
                    Block::default()
                },
            });
        }
        let kind = if self.cursor.eat_word("break") {
            StmtKind::Break(self.parse_label()?)
        } else if self.cursor.eat_word("continue") {
            StmtKind::Continue(self.parse_label()?)
        } else if self.cursor.eat_word("trap") {
            let site = self.expect_site()?;
            let mut operands = Vec::new();
            if self.cursor.eat("(") {
                self.parse_list(&mut operands, ")")?;
            }
            StmtKind::Trap { site, operands }
        } else if self.cursor.eat_word("return") {
            StmtKind::Return(if self.cursor.peek(";") {
                None
            } else {
                Some(self.parse_expr()?)
            })
        } else {
            self.parse_assignment()?
        };
        self.cursor.expect(";")?;
        Ok(kind)
    }

    /// `_ = value` or `place = value`.
    fn parse_assignment(&mut self) -> Result<StmtKind, ParseError> {
        let before = self.cursor.clone();
        if self.cursor.eat_word("_") && self.cursor.eat("=") {
            return Ok(StmtKind::Eval(self.parse_expr()?));
        }
        self.cursor = before;
        if let Some(call) = self.parse_call(None)? {
            return Ok(call);
        }
        if let Some(parallel) = self.parse_parallel(None)? {
            return Ok(parallel);
        }
        let place = self.parse_place()?;
        self.cursor.expect("=")?;
        if let Some(call) = self.parse_call(Some(&place))? {
            return Ok(call);
        }
        if let Some(parallel) = self.parse_parallel(Some(&place))? {
            return Ok(parallel);
        }
        let value = self.parse_expr()?;
        Ok(StmtKind::Assign { place, value })
    }

    /// `fn#1(a, b)` or `host#1(a, b)`, if it is there.
    fn parse_call(&mut self, result: Option<&Place>) -> Result<Option<StmtKind>, ParseError> {
        let is_host = self.cursor.eat_word("host");
        if !is_host && !self.cursor.eat_word("fn") {
            return Ok(None);
        }
        self.cursor.expect("#")?;
        let number = self.cursor.number()?;
        self.cursor.expect("(")?;
        let mut args = Vec::new();
        self.parse_list(&mut args, ")")?;
        let result = result.cloned();
        Ok(Some(if is_host {
            let host = number;
            StmtKind::HostCall { host, args, result }
        } else {
            let function = number;
            StmtKind::Call {
                function,
                args,
                result,
            }
        }))
    }

    fn parse_label(&mut self) -> Result<Label, ParseError> {
        self.cursor.expect("'")?;
        Ok(Label(self.cursor.number()?))
    }

    fn parse_labelled(&mut self, label: Label, depth: usize) -> Result<StmtKind, ParseError> {
        if self.cursor.peek("{") {
            let body = self.parse_block(depth)?;
            return Ok(StmtKind::Labeled { label, body });
        }
        if self.cursor.eat_word("loop") {
            let body = self.parse_block(depth)?;
            return Ok(StmtKind::Forever { label, body });
        }
        if self.cursor.eat_word("while") {
            let cond = self.parse_expr()?;
            let body = self.parse_block(depth)?;
            return Ok(StmtKind::While { label, cond, body });
        }
        let at = self.cursor.position();
        self.cursor.expect_word("for")?;
        let var = self.parse_local()?;
        self.cursor.expect_word("in")?;
        let start = self.parse_expr()?;
        self.cursor.expect("..")?;
        let inclusive = self.cursor.peek_here("=") && self.cursor.eat("=");
        let end = self.parse_expr()?;
        let step = if self.cursor.eat_word("step") {
            self.parse_expr()?
        } else {
            self.push(ExprKind::Const(ConstValue::Int(1)), Ty::USIZE, at)
        };
        let reversed = self.cursor.eat_word("rev");
        let request = match self.cursor.eat_word("parallel") {
            true => LoopRequest::Parallel,
            false => LoopRequest::Auto,
        };
        let hints = LoopHints {
            cold: self.cursor.eat_word("cold"),
            lanes: if self.cursor.eat_word("lanes") {
                self.cursor.number()?
            } else {
                0
            },
            exact: self.cursor.eat_word("exact"),
        };
        let body = self.parse_block(depth)?;
        Ok(StmtKind::For(Loop {
            label,
            var,
            start,
            end,
            step,
            inclusive,
            reversed,
            request,
            hints,
            body,
        }))
    }

    /// What stands behind the body; then every expression gets its number.
    fn parse_tables(&mut self) -> Result<(), ParseError> {
        while self.cursor.eat_word("unused") {
            self.parse_expr()?;
            self.cursor.expect(";")?;
        }
        let mut order: Vec<usize> = (0..self.func.exprs.len()).collect();
        if self.cursor.eat_word("order") {
            for number in &mut order {
                *number = self.cursor.number()? as usize;
            }
            let mut sorted = order.clone();
            sorted.sort_unstable();
            if !sorted.into_iter().eq(0..order.len()) {
                return Err(self.cursor.error("each expression has a number of its own"));
            }
            self.cursor.expect(";")?;
        }
        self.renumber(&order);
        if self.cursor.eat_word("spans") {
            self.func.expr_spans.clear();
            while !self.cursor.eat(";") {
                let span = if self.cursor.eat("-") {
                    Span::UNKNOWN
                } else {
                    self.parse_span()?
                };
                self.func.expr_spans.push(span);
            }
        }
        Ok(())
    }

    /// Gives the `n`th expression in canonical order the number `order[n]`.
    fn renumber(&mut self, order: &[usize]) {
        let canonical = canonical_order(&self.func);
        let mut new_ids = vec![ExprId::from_index(0); canonical.len()];
        let mut by_new_index = vec![ExprId::from_index(0); canonical.len()];
        for (&old, &new) in canonical.iter().zip(order) {
            new_ids[old.index()] = ExprId::from_index(new);
            by_new_index[new] = old;
        }
        let rename = |id: &mut ExprId| *id = new_ids[id.index()];
        let mut exprs = crate::Arena::new();
        for old in &by_new_index {
            let mut expr = self.func.exprs[*old].clone();
            rename::rename_operands(&mut expr.kind, &rename);
            exprs.push(expr);
        }
        self.func.exprs = exprs;
        rename::rename_block(&mut self.func.body, &rename);
        if self.text_spans {
            let spans = by_new_index.iter().map(|old| self.positions[old.index()]);
            self.func.expr_spans = spans.collect();
        }
    }
}
