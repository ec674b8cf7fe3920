# Databricks notebook source
# MAGIC %md
# MAGIC # A line through the data
# MAGIC
# MAGIC My *homework*: see `mean` below.

# COMMAND ----------

# MAGIC %pip install -q numpy

# COMMAND ----------

dbutils.library.restartPython()
import numpy as np
import matplotlib.pyplot as plt

# COMMAND ----------

# MAGIC %%time
# MAGIC def mean(x):
# MAGIC     """Return the mean of the entries of x."""
# MAGIC     return float(np.sum(x) / np.size(x))

# COMMAND ----------

# DBTITLE 1,Counting
# MAGIC %python
# MAGIC def count(x):
# MAGIC     return int(np.size(x))

# COMMAND ----------

# MAGIC %sh
# MAGIC ls -l

# COMMAND ----------

# MAGIC %run ./line_layer

# COMMAND ----------

table = spark.read.csv("/data.csv")
x = np.load('/dbfs/data.npy')
display(table)

# COMMAND ----------

def line_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
