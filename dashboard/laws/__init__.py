from .forecast import Forecast, forecast
