"""The ways to make the sums, as one table: :data:`STRATEGIES`."""

from typing import Any, ClassVar, Protocol

from ..model import Filter
from ..model.interval import Interval
from ..model.linear import Builder, Graph, Term
from .columns import Columns
from .devices import Device
from .geometry import Geometry
from .sums import Sums

def _csd(c):
    out=[]; s=0; 
    while c:
        if c&1:
            d=2-(c&3); out.append((s,d)); c-=d
        c>>=1; s+=1
    return out

def _times(b, t, c):
    return b.total(t.shifted(s) if d>0 else t.shifted(s).negated() for s,d in _csd(c))

def direct(filter, mult=False):
    iv=Interval(filter.pixel.minimum, filter.pixel.maximum)
    n=filter.kernel_height*filter.kernel_width
    b=Builder([iv]*n)
    taps=filter.taps.tolist()
    ts=[]
    for j in range(filter.kernel_width):
        for i in range(filter.kernel_height):
            t=Term(j*filter.kernel_height+i)
            if mult: ts.append(b.multiply(t,taps[i][j]))
            else: 
                ts+= [t.shifted(s) if d>0 else t.shifted(s).negated() for s,d in _csd(taps[i][j])]
    return Graph.wires([iv]*filter.kernel_height), b.graph([b.total(ts)])

def separable(filter):
    import numpy as np, math
    iv=Interval(filter.pixel.minimum, filter.pixel.maximum)
    m=filter.taps
    r=next((row for row in m if any(row)), None)
    if r is None: return None
    g=math.gcd(*map(int,r)); h=[int(x)//g for x in r]
    k=next(j for j in range(len(h)) if h[j])
    v=[int(row[k])//h[k] for row in m]
    if not (np.outer(v,h)==m).all(): return None
    b=Builder([iv]*len(v))
    col=b.graph([b.total(t for i in range(len(v)) for t in [_times(b,Term(i),v[i])])])
    f=[col.interval(t) for t in col.outputs]
    b=Builder(f*len(h))
    return col, b.graph([b.total(_times(b,Term(i),h[i]) for i in range(len(h)))])


class GraphStrategy:
    def __init__(self, geometry: Geometry, device: Device, column: Graph, window: Graph):
        f=geometry.filter
        self.columns=Columns(geometry, column, device)
        features=[column.interval(t) for t in column.outputs]
        border=column.compute([f.border_value]*f.kernel_height)
        self.sums=Sums(geometry, features, border, window, device)
        self.interval=window.interval(window.outputs[0])

def choose(geometry, device, strategy):
    f=geometry.filter
    if strategy in("auto","separable"):
        s=separable(f)
        if s: return GraphStrategy(geometry, device, *s)
    return GraphStrategy(geometry, device, *direct(f, strategy=="multipliers"))
