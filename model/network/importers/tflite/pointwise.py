"""Functions of one sample."""

from ...table import Table
from .file import Operator
from .litert_table import litert_table
from .reader import Reader, operator


#: Operators of one input that LiteRT itself turns into a table.
ONE_INPUT = ("LOGISTIC", "TANH", "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "LEAKY_RELU",
             "HARD_SWISH", "QUANTIZE", "ELU", "GELU", "ABS", "NEG", "EXP", "LOG", "SQRT", "RSQRT",
             "SQUARE")


@operator(*ONE_INPUT)
def one_input(reader: Reader, operator: Operator) -> None:
    view, made = reader.view(operator), reader.result(operator)
    reader.sample(reader.input(operator))
    try:
        entries = litert_table(reader.content, operator.number, reference=reader.exact)
    except RuntimeError as error:
        operator.refuse(f"cannot be run in LiteRT: {error}")
    name = reader.builder.add(
        Table, operator.name, operator.file, [view], tables=(entries,),
        **reader.meaning(made))
    reader.put(operator, view.on(name))
