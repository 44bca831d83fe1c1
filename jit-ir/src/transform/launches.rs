//! Moves each parallel loop into a function of its own, which its caller calls with what the loop is given.
//!
//! What a parallel loop needs in the frame, the captures and the results of all chunks, and the combination of results are then not in the
//! way of the function that mostly runs the loop serially, because there is little to do: its frame and its code are as small as
//! without `parallel`.

use crate::arena::{Arena, Handle};
use crate::expr::{Expr, ExprId, ExprKind, Place};
use crate::func::{Function, Local, PARALLEL, Program};
use crate::span::Span;
use crate::stmt::{Block, Parallel, Stmt, StmtKind};
use crate::ty::Ty;

/// Moves the parallel loops of a program whose functions have more in them than that.
pub(super) fn run(program: &mut Program) {
    let mut first = program.functions.len();
    let mut moved = Vec::new();
    let n_functions = first;
    for number in 0..n_functions {
        let mut body = std::mem::take(&mut program.functions[number].body);
        let func = &program.functions[number];
        if !is_launch(&body) {
            move_all(func, &program.functions, &mut body, first, &mut moved);
        }
        program.functions[number].body = body;
        program.functions.append(&mut moved);
        first = program.functions.len();
    }
}

/// Whether a body does nothing but a parallel loop.
fn is_launch(body: &Block) -> bool {
    match &body.stmts[..] {
        [first, rest @ ..] => {
            matches!(first.kind, StmtKind::Parallel(_))
                && (rest.iter()).all(|stmt| matches!(stmt.kind, StmtKind::Return(_)))
        }
        [] => false,
    }
}

fn move_all(
    func: &Function,
    functions: &[Function],
    block: &mut Block,
    first: usize,
    moved: &mut Vec<Function>,
) {
    for stmt in &mut block.stmts {
        for inner in stmt.kind.blocks_mut() {
            move_all(func, functions, inner, first, moved);
        }
        let StmtKind::Parallel(parallel) = &mut stmt.kind else {
            continue;
        };
        let Some(body) = functions.get(parallel.function as usize) else {
            continue;
        };
        let Ok(function) = u32::try_from(first + moved.len()) else {
            continue;
        };
        let result = parallel.result.take();
        let mut args = vec![parallel.count, parallel.work];
        args.extend(&parallel.accumulators);
        args.extend(&parallel.identities);
        args.extend(&parallel.captures);
        moved.push(launch(func, body, parallel, stmt.span));
        stmt.kind = StmtKind::Call {
            function,
            args,
            result,
        };
    }
}

/// The function that runs a parallel loop with what it is given as its parameters.
fn launch(func: &Function, body: &Function, parallel: &Parallel, span: Span) -> Function {
    let mut launch = Function {
        name: format!("{}{PARALLEL}", func.name),
        module: func.module.clone(),
        file: func.file.clone(),
        type_params: Vec::new(),
        params: Vec::new(),
        result: body.result.clone(),
        tables: Vec::new(),
        locals: Arena::default(),
        exprs: Arena::default(),
        expr_spans: Vec::new(),
        sites: Arena::default(),
        body: Block::default(),
        fastmath: func.fastmath,
        parallel: func.parallel,
        deferred: None,
        unchecked: func.unchecked,
    };
    let mut param = |name: &str, from: ExprId| {
        let ty = func.exprs[from].ty.clone();
        let local = add_local(&mut launch, name, ty, false);
        launch.params.push(local);
        load(&mut launch, local)
    };
    let count = param("count", parallel.count);
    let work = param("work", parallel.work);
    let mut params = |name: &str, from: &[ExprId]| {
        let exprs = from.iter().map(|&expr| param(name, expr));
        exprs.collect::<Vec<_>>()
    };
    let accumulators = params("from", &parallel.accumulators);
    let identities = params("identity", &parallel.identities);
    let captures = params("capture", &parallel.captures);
    let result = match &body.result {
        Ty::Unit => None,
        ty => Some(add_local(&mut launch, "result", ty.clone(), true)),
    };
    let returned = result.map(|result| load(&mut launch, result));
    let parallel = Parallel {
        function: parallel.function,
        count,
        work,
        accumulators,
        identities,
        captures,
        combine: parallel.combine,
        result: result.map(Place::local),
        stores: parallel.stores,
        plan: parallel.plan,
    };
    let kinds = [
        StmtKind::Parallel(Box::new(parallel)),
        StmtKind::Return(returned),
    ];
    let stmts = kinds.into_iter().map(|kind| Stmt { kind, span });
    launch.body.stmts = stmts.collect();
    launch
}

fn add_local(func: &mut Function, name: &str, ty: Ty, mutable: bool) -> Handle<Local> {
    func.locals.push(Local {
        name: format!("${name}"),
        ty,
        mutable,
        span: Span::UNKNOWN,
    })
}

/// The value of a local; of a reference or slice, what it points to as it does: a shared one is copied, another one moves.
fn load(func: &mut Function, local: Handle<Local>) -> ExprId {
    let ty = func.locals[local].ty.clone();
    let kind = ExprKind::Load(Place::local(local));
    func.exprs.push(Expr { kind, ty })
}

#[cfg(test)]
mod tests {
    use crate::{Argument, Outcome, eval_program, parse_program, verify_specialized_program};

    #[test]
    fn loops_move() {
        let text = "fn f(a: &mut [u64], mut sum: u64) -> u64 {
            let i: usize;
            '0: for i in 0usize..3usize {
                if (i > 0usize) {
                    sum = parallel fn#1 count a.len() work i from (sum) identities (0u64) captures (&mut a[..], i) combine fn#2 stores chunk 2;
                }
            }
            parallel fn#3 count 4usize work 1usize;
            return sum;
        }
        fn body(first: usize, behind: usize, mut sum: u64, a: &mut [u64], n: usize) -> u64 {
            let i: usize;
            '0: for i in first..behind {
                a[i] = (a[i] + (n as u64));
                sum = (sum + a[i]);
            }
            return sum;
        }
        fn add(left: u64, right: u64) -> u64 { return (left + right); }
        fn nothing(first: usize, behind: usize) {}";
        let mut program = parse_program(text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(verify_specialized_program(&program), Ok(()));
        let run = |program: &crate::Program| {
            let number = |n: u64| {
                let ty = crate::ScalarTy::U64;
                crate::Value::Scalar(crate::Scalar::from_bits(ty, n.into()))
            };
            let elements = (0..9).map(number).collect();
            let mut args = [Argument::Slice(elements), Argument::Scalar(number(5))];
            let outcome = eval_program(program, &mut args, 10_000, &mut |_, _| None);
            assert!(matches!(outcome, Ok(Outcome::Return(_))), "{outcome:?}");
            (outcome, args)
        };
        let before = run(&program);
        super::run(&mut program);
        assert_eq!(verify_specialized_program(&program), Ok(()));
        assert_eq!(run(&program), before);
        assert_eq!(program.functions.len(), 6);
        let again = program.clone();
        super::run(&mut program);
        assert_eq!(program, again);
    }
}
