//! Parallel loops: one chunk after the other, in any order that is asked for.

use super::watch::Watch;
use super::{EvalError, Evaluator, Flow, Reference, Scalar, Stop, Value, unsupported};
use crate::parallel::{ChunkPlan, result_bytes};
use crate::stmt::Parallel;
use crate::ty::{ScalarTy, Ty};

/// In which order the chunks of parallel loops run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChunkOrder {
    /// From the first to the last.
    #[default]
    InOrder,
    /// In a random order with this seed.
    Shuffled(u64),
    /// In a random order with this seed, and in pieces of one iteration: if one reads or stores what another one stores, that is an
    /// [`EvalError::Race`]. Sums of floats are others than in chunks.
    Single(u64),
}

/// A trap, or an accumulator for each.
type Ended = Result<Vec<Value>, Stop>;

impl Evaluator<'_> {
    pub(super) fn run_parallel(&mut self, parallel: &Parallel) -> Result<Flow, Stop> {
        let count = self.eval_scalar(parallel.count)?.bits as u64;
        let work = self.eval_scalar(parallel.work)?.bits as u64;
        let accumulators = self.eval_all(&parallel.accumulators)?;
        let identities = self.eval_all(&parallel.identities)?;
        let captures = self.eval_all(&parallel.captures)?;
        let functions = self.functions;
        let body = functions.get(parallel.function as usize);
        let body = body.ok_or_else(|| unsupported("no such function"))?;
        let plan = ChunkPlan::new(count, work, result_bytes(body), &parallel.plan);
        let run = Run {
            parallel,
            plan,
            count,
            from: [&accumulators, &identities],
            captures: &captures,
        };
        let value = match self.run_chunks(&run) {
            Err(Stop::Trap { .. }) if !parallel.stores => {
                self.call_body(&run, (0, count), &accumulators)?
            }
            ended => ended?,
        };
        let value = match value.len() {
            0 => Value::Unit,
            1 => value.into_iter().next().unwrap_or(Value::Unit),
            _ => Value::Tuple(value),
        };
        self.store_result(parallel.result.as_ref(), value)
    }

    fn run_chunks(&mut self, run: &Run<'_>) -> Ended {
        let pieces = self.pieces(run)?;
        let single = matches!(self.order, ChunkOrder::Single(_));
        let around = self.watch.take();
        if single {
            self.watch = Some(Watch::new(self.objects.len()));
        }
        let ended = self.run_pieces(run, &pieces);
        let watched = std::mem::replace(&mut self.watch, around);
        match watched.and_then(|watch| watch.race()) {
            Some(race) => Err(EvalError::Race(race).into()),
            None => ended,
        }
    }

    fn run_pieces(&mut self, run: &Run<'_>, pieces: &[(u64, u64)]) -> Ended {
        let mut ended: Vec<Option<Vec<Value>>> = Vec::new();
        ended.resize(pieces.len(), None);
        let mut trap = None;
        let mut lowest = pieces.len();
        for index in self.order_of(pieces.len()) {
            // Chunks above one that trapped are not begun.
            if index >= lowest {
                continue;
            }
            let from = run.from[usize::from(index > 0)];
            if let Some(watch) = &mut self.watch {
                watch.piece = index;
            }
            match self.call_body(run, pieces[index], from) {
                Ok(values) => ended[index] = Some(values),
                Err(stop @ Stop::Trap { .. }) => (lowest, trap) = (index, Some(stop)),
                Err(stop) => return Err(stop),
            }
        }
        if let Some(trap) = trap {
            return Err(trap);
        }
        self.watch = None;
        let mut left = Vec::new();
        for (index, right) in ended.into_iter().flatten().enumerate() {
            left = match run.parallel.combine {
                Some(combine) if index > 0 => self.combine(combine, left, right)?,
                _ => right,
            };
        }
        Ok(left)
    }

    /// The bounds of the pieces that run one by one.
    fn pieces(&mut self, run: &Run<'_>) -> Result<Vec<(u64, u64)>, Stop> {
        let single = matches!(self.order, ChunkOrder::Single(_));
        if !single || run.count == 0 {
            let chunks = 0..run.plan.chunks();
            return Ok(chunks.map(|chunk| run.plan.bounds(chunk)).collect());
        }
        if run.count > self.fuel {
            return Err(EvalError::OutOfFuel.into());
        }
        Ok((0..run.count).map(|first| (first, first + 1)).collect())
    }

    /// The numbers below `count` in the order in which they are to be.
    fn order_of(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        if let ChunkOrder::Shuffled(seed) | ChunkOrder::Single(seed) = &mut self.order {
            for last in (1..count).rev() {
                // Knuth's generator, of which the high bits are good.
                *seed = (seed.wrapping_mul(6_364_136_223_846_793_005))
                    .wrapping_add(1_442_695_040_888_963_407);
                order.swap(last, (*seed >> 33) as usize % (last + 1));
            }
        }
        order
    }

    fn call_body(&mut self, run: &Run<'_>, (first, behind): (u64, u64), from: &[Value]) -> Ended {
        let number = |number: u64| Scalar::from_bits(ScalarTy::Usize, number.into());
        let mut args = vec![Value::Scalar(number(first)), Value::Scalar(number(behind))];
        args.extend_from_slice(from);
        args.extend_from_slice(run.captures);
        let result = self.call_catching(run.parallel.function, args)?;
        Ok(apart(result, from.len()))
    }

    fn combine(&mut self, combine: u32, left: Vec<Value>, right: Vec<Value>) -> Ended {
        let count = left.len();
        let objects = self.objects.len();
        let functions = self.functions;
        let func = functions.get(combine as usize);
        let func = func.ok_or_else(|| unsupported("no such function"))?;
        let mut args = Vec::new();
        for (value, &param) in left.into_iter().chain(right).zip(&func.params) {
            let ty = func.locals.get(param).map(|local| &local.ty);
            args.push(match ty {
                Some(ty @ Ty::Ref { .. }) => {
                    self.objects.push(Some(value));
                    Value::Ref(Box::new(Reference {
                        ty: ty.clone(),
                        object: self.objects.len() - 1,
                        path: Vec::new(),
                        start: 0,
                        len: 0,
                    }))
                }
                _ => value,
            });
        }
        let result = self.call_catching(combine, args);
        self.objects.truncate(objects);
        Ok(apart(result?, count))
    }

    /// A call after which evaluation goes on even if it trapped.
    fn call_catching(&mut self, function: u32, args: Vec<Value>) -> Result<Value, Stop> {
        let nesting = self.nesting;
        let result = self.call(function as usize, args);
        self.nesting = nesting;
        result
    }
}

/// A parallel loop that runs.
struct Run<'r> {
    parallel: &'r Parallel,
    plan: ChunkPlan,
    count: u64,
    /// What the first chunk and all others start from.
    from: [&'r [Value]; 2],
    captures: &'r [Value],
}

/// The accumulators in a result.
fn apart(result: Value, count: usize) -> Vec<Value> {
    match (count, result) {
        (0, _) => Vec::new(),
        (1, value) => vec![value],
        (_, Value::Tuple(values)) => values,
        (_, value) => vec![value],
    }
}
